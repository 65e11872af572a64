import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { visible } from "../../base/text/visible.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { type Gateway, toSentence } from "../host/windowGateway.ts";

const SPAWN_SECONDS = 600;

interface SpawnInput {
  task: string;
  label?: string;
  model?: string;
}

interface HistoryInput {
  sessionKey?: string;
  limit?: number;
}

interface CronInput {
  action: "list" | "add" | "remove" | "run";
  name?: string;
  schedule?: Record<string, unknown>;
  message?: string;
  jobId?: string;
}

/** Offers the gateway's work to the editor's other agents. What they ask for has no more rights than a message of the panel has. */
export function registerLanguageModelTools(gateway: Gateway): vscode.Disposable {
  return vscode.Disposable.from(
    register<SpawnInput>(gateway, "pincer_spawn", spawn, ({ task }) => ({
      doing: vscode.l10n.t("A Pincer sub-agent is at work"),
      title: vscode.l10n.t("Spawn a Pincer sub-agent"),
      asked: task,
    })),
    register<HistoryInput>(gateway, "pincer_history", history, () => ({
      doing: vscode.l10n.t("Reading Pincer's sessions"),
    })),
    register<CronInput>(gateway, "pincer_cron", cron, ({ action, jobId, ...job }) =>
      action === "list"
        ? { doing: vscode.l10n.t("Reading Pincer's jobs") }
        : {
            doing: vscode.l10n.t("Changing Pincer's jobs"),
            title: vscode.l10n.t("Pincer jobs: {0}", action),
            asked: JSON.stringify({ ...defined({ jobId }), ...job }, undefined, 2),
          },
    ),
  );
}

interface Words {
  doing: string;
  /** What is confirmed first; without it nothing is. */
  title?: string;
  asked?: string;
}

type Work<Input> = (client: RouteClient, input: Input, token: vscode.CancellationToken) => Promise<object>;

function register<Input>(
  gateway: Gateway,
  name: string,
  work: Work<Input>,
  words: (input: Input) => Words,
): vscode.Disposable {
  return vscode.lm.registerTool<Input>(name, {
    prepareInvocation({ input }) {
      const { doing, title, asked = "" } = words(input);
      if (title === undefined) return { invocationMessage: doing };
      const message = new vscode.MarkdownString().appendCodeblock(visible(asked), "text");
      return { invocationMessage: doing, confirmationMessages: { title, message } };
    },
    async invoke({ input }, token) {
      await gateway.start();
      const { state, message = "" } = gateway.status;
      if (state !== "running")
        throw new Error(vscode.l10n.t("The Pincer gateway does not run ({0}). {1}", state, message));
      try {
        const found = await work(gateway.client(), input, token);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(found))]);
      } catch (error) {
        if (token.isCancellationRequested) throw new vscode.CancellationError();
        throw new Error(toSentence(error), { cause: error });
      }
    },
  });
}

const spawn: Work<SpawnInput> = async (client, { task, label, model }, token) => {
  const [workspace] = workspaceFolders();
  const started = await client.call("sessions.spawn", {
    task,
    wait: false,
    label: headOf(label ?? task, 80),
    runTimeoutSeconds: SPAWN_SECONDS,
    ...defined({ model, workspace }),
  });
  const { runId } = started;
  const stopping = token.onCancellationRequested(() => void client.call("runs.cancel", { runId }).catch(() => {}));
  try {
    if (token.isCancellationRequested) await client.call("runs.cancel", { runId });
    return await client.call("runs.wait", { runId, timeoutSeconds: SPAWN_SECONDS });
  } finally {
    stopping.dispose();
  }
};

const history: Work<HistoryInput> = (client, { sessionKey, limit = 20 }) =>
  sessionKey === undefined
    ? client.call("sessions.list", { limit })
    : client.call("sessions.history", { sessionKey, limit });

/** Of a job only what it does and when: what it may do unasked is for the user to say. */
const cron: Work<CronInput> = (client, { action, name, schedule, message, jobId }) => {
  if (action === "list") return client.call("cron.list", {});
  if (action === "add") {
    const job = {
      name: needed(name, "name"),
      schedule: needed(schedule, "schedule") as never,
      payload: { kind: "agentTurn" as const, message: needed(message, "message") },
      sessionTarget: "isolated" as const,
    };
    return client.call("cron.add", { job });
  }
  return client.call(action === "run" ? "cron.run" : "cron.remove", { id: needed(jobId, "jobId") });
};

function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new AppError("bad_request", `This action needs ${name}`);
  return value;
}
