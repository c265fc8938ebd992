/** The page's one style sheet: system fonts, light and dark by the reader's choice, one column. */
export const styles = `:root {
  color-scheme: light dark;
  --back: #fbfbfa; --raised: #fff; --text: #1c2321; --quiet: #56615d; --line: #dfe4e2;
  --accent: #0b6152; --accent-text: #fff; --mark: #ffe9a8; --warning: #8a4b00; --code: #eff3f1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #131716; --raised: #1b2120; --text: #e7ecea; --quiet: #a2aeaa; --line: #313a38;
    --accent: #6fd3bd; --accent-text: #07211c; --mark: #5c4a10; --warning: #ffc27a; --code: #222a28;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 0 1.25rem 2rem; max-width: 52rem; background: var(--back); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
}
a { color: var(--accent); text-underline-offset: 0.15em; }
a:focus-visible, button:focus-visible, input:focus-visible, pre:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px;
}
main:focus { outline: none; }
header { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: center; padding: 1rem 0; border-bottom: 1px solid var(--line); }
.brand { display: flex; gap: 0.5rem; align-items: center; color: inherit; font-weight: 650; text-decoration: none; }
form { display: flex; flex: 1 1 20rem; gap: 0.5rem; }
input, button, .button { min-height: 2.75rem; padding: 0.5rem 0.9rem; border-radius: 8px; font: inherit; }
input { flex: 1; min-width: 0; border: 1px solid var(--quiet); background: var(--raised); color: inherit; }
input::placeholder { color: var(--quiet); opacity: 1; }
button, .button { border: 0; background: var(--accent); color: var(--accent-text); font-weight: 600; cursor: pointer; }
.button { display: inline-block; margin-right: 0.75rem; text-decoration: none; }
h1 { margin: 1.5rem 0 0.5rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
.version { color: var(--quiet); font-weight: 400; font-size: 0.9em; }
.id, .mono, code { font: 0.875rem/1.5 ui-monospace, monospace; }
.id, .facts, footer { color: var(--quiet); }
.id { margin: 0; }
.description { white-space: pre-line; }
.results, .plain { margin: 0; padding: 0; list-style: none; }
.plain li { padding: 0.3rem 0; }
.results li { padding: 1.1rem 0; border-bottom: 1px solid var(--line); }
.results h2 { margin: 0; }
.results p { margin: 0.35rem 0; }
.facts { display: flex; flex-wrap: wrap; gap: 0.4rem 0.6rem; align-items: center; font-size: 0.875rem; }
.chip { padding: 0.1rem 0.6rem; border: 1px solid var(--accent); border-radius: 99px; font-size: 0.875rem; text-decoration: none; }
.chip.quiet { border-color: var(--line); color: var(--quiet); }
.chip:hover { text-decoration: underline; }
mark { border-radius: 3px; background: var(--mark); color: inherit; }
.note, .empty { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); }
.warning { color: var(--warning); }
pre { margin: 0; padding: 0.9rem 1rem; border-radius: 8px; background: var(--code); overflow-x: auto; }
pre code { white-space: pre-wrap; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: 8rem 1fr; gap: 0 1rem; padding: 0.45rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
[aria-current] { color: inherit; font-weight: 650; text-decoration: none; }
nav { display: flex; flex-wrap: wrap; gap: 1rem; padding: 1.25rem 0; }
nav span { flex: 1; color: var(--quiet); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.875rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem 1rem; background: var(--raised); }
@media (max-width: 32rem) {
  dl div { grid-template-columns: 1fr; }
  form { flex-basis: 100%; }
}
`;
