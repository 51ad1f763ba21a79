/** As on the page of `lab watch`: readable on white and on black. */
import type { WayKind } from './graph';

export const COLOURS: Readonly<Record<WayKind, string>> = {
  requests: '#2f6fd0',
  copies: '#2e8b57',
  responses: '#c8453c',
};

/** Of what only joins nodes to networks. */
export const LINK_COLOUR = '#8a95a1';
