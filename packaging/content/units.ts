/** systemd's units of a program: one that reads its own configuration file, and a template for several copies on a machine. */

export interface UnitSubject {
  readonly program: 'tcpcopy' | 'intercept';
  readonly description: string;
}

export const UNIT_SUBJECTS: readonly UnitSubject[] = [
  { program: 'tcpcopy', description: 'copies what clients send to a test server' },
  { program: 'intercept', description: "catches a test server's responses" },
];

/** Made when the package is installed: a key file belongs to it, and is read again while the service runs. */
export const SERVICE_USER = 'tcpcopy';

/** Name of the file -> its text. @param folder of the executables, absolute */
export function unitFiles(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    UNIT_SUBJECTS.flatMap((subject) => [
      [`${subject.program}.service`, unit(subject, folder, subject.program, '')],
      [`${subject.program}@.service`, unit(subject, folder, '%i', ' (%i)')],
    ]),
  );
}

const unit = (
  { program, description }: UnitSubject,
  folder: string,
  config: string,
  instance: string,
): string => `[Unit]
Description=${program}: ${description}${instance}
Documentation=man:${program}(8)
Wants=network-online.target
After=network-online.target
AssertPathExists=/etc/tcpcopy/${config}.conf

[Service]
${START[program]}
ExecStart=${folder}/${program} --config /etc/tcpcopy/${config}.conf
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=30
Restart=on-failure
RestartSec=1
# It was called wrongly: another start would end the same way.
RestartPreventExitStatus=2
# What is being copied is ended in order: intercept takes up to 10 s for that.
TimeoutStopSec=20

# A user of its own, which may do with the network what a copy takes, and whose key file nobody else reads.
User=${SERVICE_USER}
AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
NoNewPrivileges=yes
${MORE[program]}RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET
SystemCallFilter=@system-service
SystemCallFilter=~@keyring @chown @setuid @memlock
SystemCallErrorNumber=EPERM
SystemCallArchitectures=native
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateDevices=yes
PrivateTmp=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
UMask=0077

[Install]
WantedBy=multi-user.target
`;

/** How it says that it is ready. */
const START: Readonly<Record<UnitSubject['program'], string>> = {
  tcpcopy: `# It is started when it copies, however long the guard is waited for; \`systemctl status\` says how it stands.
Type=notify
TimeoutStartSec=infinity`,
  intercept: `# It is started when it listens; whether the guard is proven is said to each tcpcopy, and by \`systemctl status\`.
Type=notify`,
};

/** What one of them needs beside. */
const MORE: Readonly<Record<UnitSubject['program'], string>> = {
  tcpcopy: '',
  intercept: `# With --guard: iptables of the legacy variant locks a file, which only root may open in its usual place.
RuntimeDirectory=%N
# With --compare-out: reports are written there, to /var/lib/%N.
StateDirectory=%N
Environment=XTABLES_LOCKFILE=%t/%N/xtables.lock
`,
};
