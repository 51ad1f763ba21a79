import { askedOf } from '../../../lab/doctor/examine-lab';
import dataLinkIpv6 from '../../../topologies/data-link-ipv6';
import dualStack from '../../../topologies/dual-stack';
import traditional from '../../../topologies/traditional';

test.each([
  ['of IPv4', traditional, 'test', '198.18.10.30:8080', '198.18.10.10'],
  [
    'of both families',
    dualStack,
    'test',
    '198.18.28.30:8080,[2001:2:0:28::30]:8080',
    '198.18.28.10,2001:2:0:28::10',
  ],
  ['of IPv6 alone', dataLinkIpv6, 'assistant', '[2001:2:0:29::30]:8080', expect.stringMatching(/^2001:2:/)],
])(
  'of a lab %s intercept’s doctor is told what is copied, and whose',
  (_, topology, node, copied, clients) => {
    expect(askedOf(topology, node)).toEqual(['--copied', copied, '--client', clients]);
  },
);
