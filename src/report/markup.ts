/** Text between tags, and within double quotes, of XML and HTML. What each of the two has no place for is its own matter. */
export const escapedMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
