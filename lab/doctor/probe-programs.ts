/**
 * What asks from machine to machine whether packets pass: programs of Perl, which every node has, as nodes have no other with raw
 * sockets. A raw socket gets what the firewall has let in (ip(7): behind INPUT), and disturbs nobody who listens. Addresses are of
 * either family.
 */

/** Its first byte has no flag of VXLAN that a kernel would take for a tunnel's (RFC 7348, section 5). */
export const probeToken = (run: string): string => `tcpcopy-lab probe ${run}`;

/**
 * `ADDRESS TOKEN SECONDS`: says `listening` on standard error, and prints `udp <port> <bytes of the IP packet>` for each datagram over the address's
 * family that begins with the token, and `tcp <port> <source address>` for each SYN.
 */
export const LISTEN = String.raw`
use strict; use Socket qw(:DEFAULT inet_ntop); $| = 1;
my ($address, $token, $seconds) = @ARGV;
my $is6 = $address =~ /:/;
my $family = $is6 ? AF_INET6 : AF_INET;
my $end = time + $seconds;
socket(my $udp, $family, SOCK_RAW, 17) or die "raw socket: $!\n";
socket(my $tcp, $family, SOCK_RAW, 6) or die "raw socket: $!\n";
setsockopt($udp, SOL_SOCKET, SO_RCVBUF, 1 << 20);
print STDERR "listening\n";
while (time < $end) {
  my $ready = '';
  vec($ready, fileno($_), 1) = 1 for ($udp, $tcp);
  next unless select($ready, undef, undef, 0.2) > 0;
  for my $socket (grep { vec($ready, fileno($_), 1) } ($udp, $tcp)) {
    my $from = recv($socket, my $packet, 65535, 0);
    # The header of IPv6, of 40 bytes, does not come along (RFC 3542, section 3).
    my $at = $is6 ? 0 : (ord($packet) & 15) * 4;
    my $port = unpack('n', substr($packet, $at + 2, 2));
    if ($socket == $udp) {
      print "udp $port ", length($packet) + ($is6 ? 40 : 0), "\n" if index(substr($packet, $at + 8), $token) == 0;
    } elsif ((ord(substr($packet, $at + 13, 1)) & 0x12) == 0x02) {
      print "tcp $port ", inet_ntop($family, ($is6 ? unpack_sockaddr_in6($from) : unpack_sockaddr_in($from))[1]), "\n";
    }
  }
}
`;

/**
 * `ADDRESS TOKEN TCP-PORTS UDP-PORTS SIZES`, lists with commas: sends to each port, and to the last one of UDP packets of these sizes
 * (bytes with the IP header) that nobody may cut. Prints `refused <udp|tcp> <port> <why>` of what cannot be sent, and
 * `answered <port>` where a connection was taken or reset.
 */
export const SEND = String.raw`
use strict; use Socket qw(:DEFAULT inet_pton); use Errno qw(EINPROGRESS ECONNREFUSED); use Fcntl; $| = 1;
my ($address, $token, $tcp, $udp, $sizes) = @ARGV;
my $is6 = $address =~ /:/;
my $family = $is6 ? AF_INET6 : AF_INET;
my $ip = inet_pton($family, $address);
my $headers = $is6 ? 48 : 28;
sub to { $is6 ? pack_sockaddr_in6($_[0], $ip) : pack_sockaddr_in($_[0], $ip) }
my %connecting;
for my $port (split /,/, $tcp) {
  socket(my $socket, $family, SOCK_STREAM, 6) or die "socket: $!\n";
  fcntl($socket, F_SETFL, O_NONBLOCK);
  if (connect($socket, to($port)) or $! == ECONNREFUSED) { print "answered $port\n"; }
  elsif ($! == EINPROGRESS) { $connecting{$port} = $socket; }
  else { print "refused tcp $port $!\n"; }
}
my ($last) = reverse split /,/, $udp;
socket(my $socket, $family, SOCK_DGRAM, 17) or die "socket: $!\n";
for my $turn (1 .. 3) {
  for my $port (split /,/, $udp) {
    send($socket, $token, 0, to($port)) or $! == ECONNREFUSED or print "refused udp $port $!\n";
  }
  select(undef, undef, undef, 0.05);
}
# IP_MTU_DISCOVER or IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE (linux/in.h, linux/in6.h): nobody cuts, and what was heard of smaller
# ones does not count.
setsockopt($socket, $is6 ? 41 : 0, $is6 ? 23 : 10, pack('i', 3));
for my $size (split /,/, $sizes) {
  send($socket, $token . '.' x ($size - $headers - length $token), 0, to($last));
}
my $end = time + 2;
while (%connecting and time <= $end) {
  my $ready = '';
  vec($ready, fileno($_), 1) = 1 for values %connecting;
  next unless select(undef, $ready, undef, 0.2) > 0;
  for my $port (keys %connecting) {
    next unless vec($ready, fileno($connecting{$port}), 1);
    my $error = unpack('i', getsockopt($connecting{$port}, SOL_SOCKET, SO_ERROR));
    delete $connecting{$port};
    $! = $error;
    print $error == 0 || $error == ECONNREFUSED ? "answered $port\n" : "refused tcp $port $!\n";
  }
}
`;
