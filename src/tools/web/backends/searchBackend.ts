import type { GuardedRequest } from "../../../net/guardedFetch.ts";

/** A search engine's API: how it is asked, and what its answers mean. One file each. */
export interface SearchBackend {
  /** Its name in openclaw.yml. */
  id: string;
  /** For people. */
  title: string;
  /** Where it is; absent: wherever the user has it, who says so. */
  home?: string;
  /** The environment variable that its key is looked for in; absent: it needs none. */
  keyName?: string;
  /** `base` ends without a slash. */
  request(asked: { query: string; count: number; base: string; key: string }): { url: string } & GuardedRequest;
  /** What an answer of status 200 holds; undefined when it is none of this engine's. */
  read(body: unknown): SearchAnswer | undefined;
  /** What its own words for a failure are, in a body that is JSON. */
  said(body: unknown): string | undefined;
  /** Why a status that means something of its own here is answered, as a whole sentence. */
  explain?: Partial<Record<number, string>>;
}

export interface SearchAnswer {
  hits: SearchHit[];
  /** What kept it from more, as the end of a sentence. */
  lacks?: string;
}

/** As the engine says it: whoever shows it takes out markup and cuts it. */
export interface SearchHit {
  title: string;
  url: string;
  text: string;
}

/** The members of a list that are objects with a URL, each with the named texts. */
export function toHits(list: unknown, textKey: string): SearchHit[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((item: Record<string, unknown> | null) => {
    const [url, title, text] = [item?.url, item?.title, item?.[textKey]].map((each) =>
      typeof each === "string" ? each : "",
    );
    return url === "" ? [] : [{ url: url!, title: title!, text: text! }];
  });
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
