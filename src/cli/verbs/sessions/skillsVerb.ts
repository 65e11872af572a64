import { Command } from "commander";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import { toFolderThere } from "../../terminal/givenPlaces.ts";
import type { Io } from "../../terminal/io.ts";

export const skills: Verb = (io) =>
  new Command("skills")
    .description("list the skills there are (SKILL.md), show one, confirm a workspace's")
    .addCommand(list(io), { isDefault: true })
    .addCommand(show(io))
    .addCommand(confirm(io));

interface SkillOptions {
  workspace?: string;
}

const WORKSPACE = ["-w, --workspace <dir>", "folder whose skills are meant", toFolderThere] as const;

function list(io: Io): Command {
  const command = new Command("list").description("list skills, by name").option(...WORKSPACE);
  return asClient<SkillOptions, []>(io, command, async ({ client, printer, options }) => {
    printer.result(await client.get("skills.list", { workspace: options.workspace }), (result) =>
      printer.table(
        ["NAME", "FROM", "CONFIRMED", "PROBLEM", "DESCRIPTION", "PATH"],
        result.skills.map(({ name, from, confirmed, problem, description, path }) => [
          name,
          from,
          confirmed ? "yes" : "no",
          problem,
          description,
          path,
        ]),
      ),
    );
  });
}

function show(io: Io): Command {
  const command = new Command("show")
    .description("print what a skill says")
    .argument("<name>")
    .option(...WORKSPACE);
  return asClient<SkillOptions, [string]>(io, command, async ({ client, printer, options }, name) => {
    printer.result(await client.get("skills.get", { name, workspace: options.workspace }), (skill) => {
      printer.line(`${skill.path}\n\n${skill.description}\n\n${skill.text}`);
      for (const note of skill.notes) printer.note(note);
    });
  });
}

function confirm(io: Io): Command {
  const command = new Command("confirm")
    .description("show what a workspace's skill says, and let it be used")
    .argument("<name>")
    .option(...WORKSPACE)
    .option("--hash <digest>", "only with this content, as `skills --json` tells it");
  return asClient<SkillOptions & { hash?: string }, [string]>(
    io,
    command,
    async ({ client, printer, options }, name) => {
      const { workspace } = options;
      const found = await client.get("skills.get", { name, workspace });
      printer.note(`${found.path}\n\n${found.text}\n`);
      const hash = options.hash ?? found.hash;
      printer.result(await client.post("skills.confirm", { name, hash, workspace }), () =>
        printer.line(`${name} may be used as it is now`),
      );
    },
  );
}
