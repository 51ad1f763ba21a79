/** The rules of both families, by iptables-save(8) and iptables-restore(8), of whichever variant the machine has. */
import { ask, askWith, type Answer } from '../process/ask';
import { iptablesOf } from '../firewall/tools';
import { FAMILIES, type Family } from '../wire/address/address';
import { clearingScript, mendingScript } from './mend';
import { wantedChains, type Barrier, type WantedChain } from './wanted';

/** Somebody else may be changing rules. */
const LOCK_WAIT_S = '5';

export class Tables {
  /** Without ip6tables there is no IPv6 to be guarded by it. */
  readonly unavailable = new Map<Family, string>();

  readonly #queue: number;
  readonly #wanted: Readonly<Record<Family, readonly WantedChain[]>>;

  constructor(barrier: Barrier) {
    this.#queue = barrier.queue;
    this.#wanted = { 4: wantedChains(barrier, 4), 6: wantedChains(barrier, 6) };
  }

  /** @returns the tools by which rules were put that were missing @throws Error where they cannot be put */
  async mend(): Promise<string[]> {
    const mended: string[] = [];
    for (const family of FAMILIES)
      if (await this.#carryOut(family, mendingScript)) mended.push(iptablesOf(family));
    return mended;
  }

  /** @throws Error */
  async takeAway(): Promise<void> {
    for (const family of FAMILIES) await this.#carryOut(family, clearingScript);
  }

  async #carryOut(family: Family, scriptFor: typeof mendingScript): Promise<boolean> {
    if (this.unavailable.has(family)) return false;
    const tool = iptablesOf(family);
    const saved = await ask(`${tool}-save`);
    if (saved.kind !== 'said') {
      const why = reasonOf(`${tool}-save`, saved);
      if (family === 4) throw new Error(`--guard cannot read the rules of this machine: ${why}`);
      this.unavailable.set(family, why);
      return false;
    }
    const script = scriptFor(saved.text, this.#wanted[family], this.#queue);
    if (script === undefined) return false;
    const restored = await askWith(script, `${tool}-restore`, '--noflush', '-w', LOCK_WAIT_S);
    if (restored.kind !== 'said')
      throw new Error(
        `--guard cannot put its rules: ${reasonOf(`${tool}-restore`, restored)}; it needs CAP_NET_ADMIN, and NFQUEUE in the kernel`,
      );
    return true;
  }
}

const reasonOf = (tool: string, answer: Exclude<Answer, { kind: 'said' }>): string =>
  answer.kind === 'not-installed' ? `${tool} is not installed` : `${tool}: ${answer.reason.split('\n')[0]!}`;
