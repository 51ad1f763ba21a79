/**
 * xterm.js writes rules into `<style>` elements, which the page's content security policy refuses. While it makes them it is
 * given elements whose text becomes a constructed style sheet instead (CSSOM, section 6.1), which only a script of the page
 * itself can make.
 */

type Create = (name: string) => HTMLElement;

/** @param work in which `document.createElement('style')` makes such an element */
export function withAdoptedStyles(work: () => void): void {
  const real: Create = Reflect.get(document, 'createElement');
  const create: Create = (name) => real.call(document, name);
  const value: Create = (name) => (name === 'style' ? styleLike(create) : create(name));
  Object.defineProperty(document, 'createElement', { value, configurable: true });
  try {
    work();
  } finally {
    // What stands on the prototype is in force again.
    Reflect.deleteProperty(document, 'createElement');
  }
}

function styleLike(create: Create): HTMLElement {
  const element = create('span');
  const sheet = new CSSStyleSheet();
  element.hidden = true;
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, 'textContent', { set: (rules: string) => sheet.replaceSync(rules) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    HTMLElement.prototype.remove.call(element);
  };
  return element;
}
