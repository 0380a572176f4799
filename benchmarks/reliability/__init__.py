"""What must hold under load, races and faults: servers, databases and coordinators as they are in a clinic."""
