const BY = Symbol("by");

/** What an SDK is given for one request beside its own: the fetch that it goes by. */
export interface OwnWay extends Omit<RequestInit, "body" | "headers" | "method" | "signal"> {
  [BY]: typeof fetch;
}

export function goesBy(fetch: typeof globalThis.fetch): OwnWay {
  return { [BY]: fetch };
}

/** The fetch of a client that many requests share. */
const sharedFetch: typeof fetch = (input, init) => {
  const { [BY]: by, ...rest } = init as RequestInit & OwnWay;
  return by(input, rest);
};

/** The SDK's client for a key, made again for another one. To make one takes longer than the rest that is done for a request. */
export function shareClient<Key, Client>(
  make: (key: Key, fetch: typeof globalThis.fetch) => Promise<Client>,
): (key: Key) => Promise<Client> {
  let shared: { key: Key; client: Promise<Client> } | undefined;
  return (key) => {
    if (!shared || shared.key !== key) shared = { key, client: make(key, sharedFetch) };
    return shared.client;
  };
}
