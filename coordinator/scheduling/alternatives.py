"""x"""
def of(problem, plan, proposal, run, count):
    return ()
