"""x"""
def why(problem, plan, run):
    return ()
