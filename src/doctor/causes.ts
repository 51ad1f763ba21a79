/** Every cause that a doctor can name, with what its user suffers from. */
export const CAUSES = {
  // Either program.
  'no-privileges': 'the program does not start',
  'conntrack-full': 'packets are lost, or refused with EPERM',
  'control-port-blocked': 'tcpcopy never gets an answer from intercept',
  // tcpcopy, towards the test server.
  'test-server-unreachable': 'packets are refused with ENETUNREACH or EHOSTUNREACH, or vanish',
  'device-down': 'nothing is captured, or nothing goes out',
  'next-hop-silent': 'packets are refused with EHOSTUNREACH',
  'mtu-too-large': 'packets are refused with EMSGSIZE, or large ones vanish',
  'output-dropped': 'packets are refused with EPERM, or vanish',
  'own-copies-missing': 'copies from an address of this machine are refused',
  'source-ports-given-out': 'programs of this machine are not answered by the test server',
  'source-ports-in-use': 'programs of this machine are not answered by the test server, and lose connections',
  'source-on-passlist': 'copies from this address are never told their answers, which go out',
  'ports-too-few': 'connections are not copied: no source port is free',
  'machine-busy': 'connections are left out, or packets are lost',
  // tcpcopy, what comes in.
  'online-address-not-local': 'nothing is captured: tcpcopy waits for the address',
  'online-port-closed': 'nothing is captured',
  'capture-device-missing': 'nothing is captured',
  'captured-elsewhere': 'nothing is captured, though clients are there',
  'mirror-silent': 'nothing is captured of what a switch is to mirror',
  'mirror-one-way': 'nothing is captured, though the server answers its clients',
  'clients-of-other-family': 'these clients are not copied: copies_refused_other-family',
  'clients-use-tls': 'the test server answers every copy with an alert',
  'packets-cut': 'large requests are missing',
  'clients-on-passlist': 'these clients are not copied',
  // The control channel.
  'control-refused': 'tcpcopy waits for intercept',
  'control-silent': 'tcpcopy waits for intercept',
  'control-other-version': 'tcpcopy waits for intercept, which refuses it',
  'control-not-admitted': 'tcpcopy waits for intercept, which does not let it speak',
  'intercept-not-armed': 'tcpcopy is connected, and sends nothing',
  // The guard on the test server.
  'guard-rule-missing': 'responses reach clients',
  'guard-rule-wrong-port': 'responses reach clients',
  'guard-rule-wrong-chain': 'responses reach clients',
  'guard-rule-partial': 'some responses reach clients',
  'guard-rule-shadowed': 'responses reach clients, or intercept never sees them',
  'guard-bypass': 'responses reach clients whenever intercept is away',
  'guard-other-queue': 'copies never get past their SYN',
  'no-route-to-canary': 'intercept is never armed for copies over IPv6',
  'queue-taken': 'intercept does not start',
  'application-not-listening': 'copies are reset at once',
  'input-dropped': 'SYNs arrive at the device, and the application sees nothing',
  'reverse-path-filter': 'SYNs arrive at the device, and the application sees nothing',
  'no-route-back': 'the application answers, and no response leaves the kernel',
  'control-port-taken': 'intercept does not start',
  'bind-address-not-local': 'intercept does not start',
  'control-bound-elsewhere': 'tcpcopy is refused, though intercept runs',
  // intercept at the data link.
  'assistant-forwards': 'responses reach clients',
  'filter-invalid': 'intercept does not start',
  'filter-never-matches': 'copies never get past their SYN',
  'intercept-on-test-server': 'copies never get past their SYN: no response comes in here',
} as const;

export type Cause = keyof typeof CAUSES;

/** Of what else a machine is busy with, and of nothing that is set up wrongly. */
export const CAUSES_OF_BUSYNESS: ReadonlySet<string> = new Set<Cause>(['machine-busy']);
