/** What came in a connection of the run without being one of its requests. */
import { isCopied, type ObservedConnection } from './observed';

/** In words. @param isComplete no request is missing */
export function strangersIn(connection: ObservedConnection, isComplete: boolean): string[] {
  const { client, requests, strangeBytes, incompleteBytes } = connection;
  if (!requests.some(isCopied)) return [];
  const others = requests.filter((request) => !isCopied(request));
  return [
    ...others.map(({ length }) => `a request of ${length} bytes without a name from ${client}`),
    ...(strangeBytes > 0 ? [`${strangeBytes} bytes that are no request from ${client}`] : []),
    // While something is missing, this is where it was cut off.
    ...(incompleteBytes > 0 && isComplete ? [`${incompleteBytes} bytes of a request from ${client}`] : []),
  ];
}
