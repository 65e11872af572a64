import { Command } from "commander";
import { resolve } from "node:path";
import { checkLines } from "../../moving/checkLines.ts";
import { findOpenclaw } from "../../moving/openclaw/openclawFiles.ts";
import { openclawLines, type OpenclawNotes } from "../../moving/openclaw/openclawLines.ts";
import { fileLines } from "../../moving/fileLines.ts";
import { withDesk } from "../../moving/movingDesk.ts";
import { type TakenAll, takeLines } from "../../moving/takeLines.ts";
import type { Verb } from "../../terminal/clientVerb.ts";
import type { Printer } from "../../terminal/printer.ts";

interface ImportOptions {
  dryRun?: boolean;
  apply?: boolean;
  enable?: boolean;
  withGrants?: boolean;
  keepFolders?: boolean;
}

/** `pincer import FILE`: what `pincer export` wrote. */
export const importVerb: Verb = (io) => {
  const command = new Command("import")
    .description("take in what pincer export wrote, each session and job once (docs/moving.md)")
    .argument("<file>", "a file of pincer export; or: openclaw DIR")
    .argument("[dir]", "OpenClaw's folder, such as ~/.openclaw")
    .option("--dry-run", "only say what would be taken")
    .option("--apply", "of openclaw: take it over; else only what would be taken is said")
    .option("--enable", "turn jobs on that were on; else they come off")
    .option("--with-grants", "give jobs the grants that they had; else they come without")
    .option("--keep-folders", "let sessions work in folders that are none of this gateway's");
  return withDesk<ImportOptions, [string, string | undefined]>(io, command, { make: true }, async (call, file, dir) => {
    const { open, printer, options } = call;
    if (dir !== undefined && file !== "openclaw")
      command.error(`error: "${file}" is no place to take over from; there is: openclaw`);
    if (options.apply && (dir === undefined || options.dryRun))
      command.error("error: --apply belongs to pincer import openclaw, without --dry-run");
    const source = dir === undefined ? undefined : await findOpenclaw(resolve(dir));
    const path = resolve(file);
    // Read to its end before anything of it is taken.
    if (!source) await checkLines(fileLines(path));
    const dryRun = source ? options.apply !== true : options.dryRun === true;
    const how = {
      dryRun,
      enable: options.enable === true,
      grants: options.withGrants === true,
      keepFolders: options.keepFolders === true,
    };
    const notes: OpenclawNotes = { leftOut: [], jobs: 0, sessions: 0 };
    const lines = source ? openclawLines(source, notes) : fileLines(path);
    const all = await takeLines(await open({ dryRun }), lines, how);
    tell(printer, { ...all, leftOut: [...notes.leftOut, ...all.leftOut] }, { dryRun, granted: how.grants });
    if (source && dryRun && !printer.json)
      printer.line("With --apply it is taken over. Nothing is ever written into that folder.");
  });
};

function tell(printer: Printer, all: TakenAll, { dryRun, granted }: { dryRun: boolean; granted: boolean }): void {
  const count = (state: string) => all.sessions.filter((one) => one.state === state).length;
  const messages = all.sessions.reduce((sum, one) => sum + one.messages, 0);
  const sums = { made: count("made"), grown: count("grown"), there: count("there"), kept: count("kept"), messages };
  const mapped = all.sessions.filter(({ key, to }) => key !== to).map(({ key, to }) => ({ key, to }));
  const folders = [...new Set(all.sessions.flatMap(({ leftFolder }) => leftFolder ?? []))];
  const result = { dryRun, sessions: sums, mapped, leftFolders: folders, jobs: all.jobs, leftOut: all.leftOut };
  printer.result(result, () => {
    const verb = dryRun ? "Would take" : "Took";
    printer.line(
      `${verb} ${sums.made} new sessions${sums.grown > 0 ? `, more of ${sums.grown}` : ""}, ${messages} messages; ${sums.there} were here already`,
    );
    if (sums.kept > 0) printer.line(`${sums.kept} went on here since they were taken, and stay as they are`);
    for (const { key, to } of mapped) printer.line(`Session ${key} is ${to} here`);
    for (const folder of folders)
      printer.line(
        `Sessions of ${folder} work in no folder here: it is none of this gateway's (--keep-folders keeps it)`,
      );
    for (const job of all.jobs) {
      const grants =
        job.grants && job.state === "made"
          ? `; ${granted ? "granted" : "not granted (--with-grants)"}: ${job.grants.join(", ")}`
          : "";
      const state =
        job.state === "made"
          ? job.enabled
            ? "taken, on"
            : "taken, off"
          : job.state === "there"
            ? "here already"
            : "refused";
      printer.line(`Job ${job.name} (${job.id}): ${state}${job.why === undefined ? "" : `: ${job.why}`}${grants}`);
    }
    for (const line of all.leftOut) printer.line(`Left out: ${line}`);
    if (dryRun) printer.line("Nothing was written.");
  });
}
