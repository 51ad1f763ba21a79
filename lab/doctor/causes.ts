/** Every cause that the doctor of labs can name besides those of the programs' doctors, with what its user sees. */
export const LAB_CAUSES = {
  'engine-unreachable': 'no lab starts',
  'engine-too-old': 'nodes cannot be started',
  'packages-missing': 'images cannot be built',
  'disk-full': 'images cannot be built',
  'nfqueue-missing': 'the guard cannot be set up on a test server',
  'packet-sockets-missing': 'tcpcopy, tcpdump and assistants capture nothing',
  'subnet-taken': 'the lab is refused',
  'bridge-drops-sources': 'copies under addresses outside their network never arrive',
  'bridge-drops-packets': 'copies never get past their SYN, or nothing arrives at all',
  'architectures-differ': 'the lab is refused before anything starts',
  'swarm-missing': 'the lab is refused before anything starts',
  'swarm-differs': 'networks that span engines cannot be made',
  'swarm-port-blocked': 'a node joins no swarm, or nodes of different machines do not reach each other',
  'vxlan-missing': 'networks that span engines cannot be made',
  'path-mtu-small': 'small requests arrive, and large ones vanish',
  'clocks-apart': 'logs and captures of several machines do not fit together',
  'route-missing': 'copies never get past their SYN',
  'route-direct': 'responses reach clients',
  'route-elsewhere': 'responses go to somebody else',
  'policy-missing': 'responses reach clients by a router',
  'black-hole-missing': 'responses reach clients as soon as the route is gone',
  'redirects-accepted': 'responses may take a way past the assistant',
  'intercept-not-running': 'nothing is copied',
  'tcpcopy-not-running': 'nothing is copied',
} as const;

export type LabCause = keyof typeof LAB_CAUSES;
