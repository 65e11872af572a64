import { fieldsOf, type Fields, texts, withoutNulls } from "./answerFields.ts";
import { mendBlock } from "./mendCallResult.ts";

const LEFT_OUT = {
  prompts: ["A prompt without a name is", "prompts without a name are"],
  resources: ["A document without an address is", "documents without an address are"],
  resourceTemplates: ["A pattern of documents without an address is", "patterns of documents without an address are"],
} as const;

/**
 * A list of prompts, of resources or of their templates, without what can be had by no name: the others are there all the same.
 * `onFault` is told of what is left out.
 */
export function mendOffers(result: Fields, key: keyof typeof LEFT_OUT, onFault: (text: string) => void): Fields {
  const given = result[key];
  const all = Array.isArray(given) ? given.map((one) => fieldsOf(one) ?? {}) : [];
  const mended = all.flatMap(MENDS[key]);
  const count = all.length - mended.length;
  const [one, many] = LEFT_OUT[key];
  if (count > 0) onFault(`${count === 1 ? one : `${count} ${many}`} left out`);
  return { ...result, [key]: mended };
}

const MENDS: Record<keyof typeof LEFT_OUT, (one: Fields) => Fields[]> = {
  prompts(one) {
    if (typeof one["name"] !== "string" || one["name"] === "") return [];
    const given = Array.isArray(one["arguments"]) ? one["arguments"].map((value) => fieldsOf(value) ?? {}) : [];
    const named = given.filter(({ name }) => typeof name === "string" && name !== "");
    const mended = named.map((value) => ({
      ...texts(value, ["name", "description"]),
      required: value["required"] === true,
    }));
    return [{ ...texts(one, ["name", "title", "description"]), arguments: mended }];
  },
  resources: (one) => addressed(one, "uri"),
  resourceTemplates: (one) => addressed(one, "uriTemplate"),
};

function addressed(one: Fields, key: "uri" | "uriTemplate"): Fields[] {
  const address = one[key];
  if (typeof address !== "string" || address === "") return [];
  return [{ name: address, ...texts(one, [key, "name", "title", "description", "mimeType"]) }];
}

/** What a resource holds, as a list of texts and bytes. */
export function mendContents(result: Fields): Fields {
  const { contents } = result;
  const all: unknown[] = Array.isArray(contents) ? contents : contents === undefined ? [] : [contents];
  return {
    ...result,
    contents: all.flatMap((given): Fields[] => {
      if (typeof given === "string") return [{ uri: "", text: given }];
      const one = withoutNulls(fieldsOf(given) ?? {});
      const own = { uri: "", ...texts(one, ["uri", "mimeType"]) };
      if (typeof one["text"] === "string") return [{ ...own, text: one["text"] }];
      return typeof one["blob"] === "string" ? [{ ...own, blob: one["blob"] }] : [];
    }),
  };
}

/** What a prompt says, each part as a message of its own. */
export function mendMessages(result: Fields): Fields {
  const { messages } = result;
  const all = Array.isArray(messages) ? messages.map((one) => fieldsOf(one) ?? {}) : [];
  return {
    ...texts(result, ["description"]),
    messages: all.flatMap(({ role, content }) =>
      (Array.isArray(content) ? (content as unknown[]) : [content]).map((one) => ({
        role: role === "assistant" ? "assistant" : "user",
        content: mendBlock(one),
      })),
    ),
  };
}
