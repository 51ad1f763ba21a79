/** The page's look: one column, both colour schemes of a reader's machine. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9de, #3a4048); --bad: light-dark(#a11219, #ff8f8a); --good: light-dark(#12631f, #7fd48c); --warn: light-dark(#7a4b00, #f0c05a); --soft: light-dark(#f3f5f7, #1d2126); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#fff, #14171a); color: light-dark(#1b1f24, #e4e8ec); }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-top: 2rem; } h4 { font-size: .85rem; margin: 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: normal; }
thead th { font-weight: 600; } .sums { width: auto; } .wide { overflow-x: auto; }
.verdict { font-size: 1.1rem; font-weight: 600; } .bad { color: var(--bad); } .good { color: var(--good); } .warn { color: var(--warn); }
.bad a { color: inherit; } code, pre { font: 13px/1.45 ui-monospace, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0 0; }
details { margin: .5rem 0; padding: .4rem .8rem; background: var(--soft); border-radius: .4rem; } summary { cursor: pointer; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } @media (max-width: 44rem) { .sides { grid-template-columns: 1fr; } }
`;
