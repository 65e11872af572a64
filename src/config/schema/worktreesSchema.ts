import * as z from "zod";

const places = z
  .array(
    z
      .string()
      .min(1)
      .max(500)
      .refine((place) => !place.split(/[\\/]/).includes("..") && !/^([\\/]|[A-Za-z]:)/.test(place), {
        message: "Expected a name, or a path within the repository",
      }),
  )
  .max(100);

/** `worktrees` of openclaw.yml: names, or paths from the repository's root, of what git ignores. */
export const worktreesSchema = z.strictObject({
  link: places
    .default(["node_modules", ".venv", "venv"])
    .describe("Ignored folders that are there as folders of links to what is in yours."),
  copy: places
    .default([])
    .describe("Ignored files and folders, as .env, of which a worktree gets copies; of 200 MB together at most."),
});
