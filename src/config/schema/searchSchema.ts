import * as z from "zod";

/** The search engine of `web_search`. */
export const searchSchema = z
  .strictObject({
    backend: z.enum(["brave", "searxng", "tavily"]).describe("Which engine is asked."),
    apiKey: z
      .string()
      .optional()
      .describe("Its key, for brave and tavily. Write ${NAME} to read it from the environment."),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Where it is, as in http://127.0.0.1:8888: needed for searxng. It may be a machine of your own."),
  })
  .superRefine(({ backend, baseUrl }, context) => {
    if (backend === "searxng" && baseUrl === undefined)
      context.addIssue({
        code: "custom",
        path: ["backend"],
        message: "searxng is a server of your own: set search.baseUrl to its address",
        input: backend,
      });
  });
