"""Stand-ins for services that tests can't reach; each speaks the real protocol over a socket."""
