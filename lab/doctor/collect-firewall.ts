/** The firewall of this machine, as bridges ask it. Changes nothing. */
import { ask, readText, textOf } from '../../src/process/ask';
import { collectRules } from '../../src/doctor/collect/machine';
import { bridgeRulesIn, WAY_OF_EBTABLES } from '../../src/firewall/ebtables-save';
import { nftRulesIn } from '../../src/firewall/nft-ruleset';
import { WAY_ACROSS } from '../../src/firewall/walk';
import type { BridgeFirewall } from './bridge-firewall';

/** Of nft and ebtables alike. */
const OF_BRIDGES = /^(bridge |ebtables$)/;

/** @returns undefined where rules cannot be read, or are those of another machine than the engine's */
export async function collectBridgeFirewall(): Promise<BridgeFirewall | undefined> {
  if (isEngineRemote()) return undefined;
  const [rules, nft, ebtables] = await Promise.all([
    collectRules(),
    ask('nft', '-j', 'list', 'ruleset'),
    ask('ebtables-save'),
  ]);
  if (!rules) return undefined;
  const native = nft.kind === 'said' ? nftRulesIn(nft.text) : { rules: {}, across: [] };
  // nft tells what ebtables made, too.
  const bridges = nft.kind === 'said' ? {} : bridgeRulesIn(textOf(ebtables) ?? '');
  const across = [...WAY_OF_EBTABLES, ...native.across, ...WAY_ACROSS];
  return {
    rules: { ...rules, ...native.rules, ...bridges },
    across: bridgesAskIptables() ? across : across.filter(([table]) => OF_BRIDGES.test(table)),
  };
}

export const isEngineRemote = (): boolean => /^(tcp|ssh|https?):/.test(process.env['DOCKER_HOST'] ?? '');

/** net.bridge.bridge-nf-call-iptables; undefined where bridges know nothing of it. */
export function bridgesAskIptables(): boolean | undefined {
  const text = readText('/proc/sys/net/bridge/bridge-nf-call-iptables');
  return text === undefined ? undefined : text.trim() !== '0';
}
