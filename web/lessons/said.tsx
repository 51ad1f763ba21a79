/** What a lesson says. */
import { blocksOf } from './prose';

export const Said = ({ text }: { text: string }) => (
  <>
    {blocksOf(text).map(({ kind, text: said }) =>
      kind === 'commands' ? <pre key={said}>{said}</pre> : <p key={said}>{said}</p>,
    )}
  </>
);
