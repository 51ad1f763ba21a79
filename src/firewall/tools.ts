/** By which tool the rules of a family are read and written. */
import type { Family } from '../wire/address/address';

export const iptablesOf = (family: Family): string => (family === 6 ? 'ip6tables' : 'iptables');
