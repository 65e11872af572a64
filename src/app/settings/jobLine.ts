import { readTree } from "../../config/readTree.ts";

/** The line, from 0, where the name of a job stands in the text of an openclaw.yml; undefined where it declares none of that name. */
export function findJobLine(text: string, name: string): number | undefined {
  const tree = readTree(text, process.env);
  const { cron } = (tree.value ?? {}) as { cron?: unknown };
  const jobs: unknown[] = Array.isArray(cron) ? cron : [];
  const at = jobs.findIndex((job) => (job as { name?: unknown } | null)?.name === name);
  return at === -1 ? undefined : tree.spanOf(["cron", at, "name"], "key").line - 1;
}
