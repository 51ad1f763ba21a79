/** What only a Debian package has: control fields, scripts of its own, a changelog, and what lintian is told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../../lab/engine/images/places';
import type { Tree } from './tree';

const MAINTAINER = 'tcpcopy-lab maintainers <maintainers@tcpcopy-lab.invalid>';

/** deb-control(5). The versions are those of Debian 10: of what Node's binary was linked with, none is later. */
export const control = (version: string, architecture: string): Record<string, string> => ({
  Package: 'tcpcopy-lab',
  Version: version,
  Architecture: architecture,
  Maintainer: MAINTAINER,
  Section: 'net',
  Priority: 'optional',
  Depends: 'libc6 (>= 2.28), libstdc++6 (>= 9), libgcc-s1, passwd',
  Recommends: 'libpcap0.8, iptables, iproute2',
  Description: [
    'copies live TCP traffic to a test server',
    ' tcpcopy captures what clients send to an online server, and plays every',
    ' connection again against a test server. intercept catches the responses of',
    ' the test server, so that no client ever hears from it.',
  ].join('\n'),
});

export async function maintainerScripts(): Promise<Record<string, string>> {
  const names = ['postinst', 'prerm', 'postrm'];
  const texts = names.map(async (name) => [
    name,
    await readFile(join(projectRoot, 'packaging/debian', name), 'utf8'),
  ]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

/** What only Debian looks at: the changelog (deb-changelog(5)), and why lintian is wrong. */
export async function debianFiles(version: string, epoch_s: number): Promise<Tree> {
  const date = new Date(epoch_s * 1000).toUTCString().replace('GMT', '+0000');
  const text = `tcpcopy-lab (${version}) unstable; urgency=medium

  * Release ${version}.

 -- ${MAINTAINER}  ${date}
`;
  const overrides = await readFile(join(projectRoot, 'packaging/debian/lintian-overrides'), 'utf8');
  return {
    'usr/share/doc/tcpcopy-lab/changelog.gz': { content: gzipSync(text, { level: 9 }), mode: 0o644 },
    'usr/share/lintian/overrides/tcpcopy-lab': { content: overrides, mode: 0o644 },
  };
}
