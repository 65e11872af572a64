import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import { nameTable } from "../../base/nameTable.ts";
import type { McpAnswer, McpField, McpQuestion } from "../../protocol/mcp.ts";
import { firstLine, withoutIcons, withoutLinks } from "../host/plainText.ts";
import type { Gateway } from "../host/windowGateway.ts";

type Content = NonNullable<McpAnswer["content"]>;

/** Puts what servers ask to the user, in the window that they look at: a notification first, then field by field. */
export function followMcpQuestions(gateway: Gateway, log: Log): Disposable {
  return gateway.onEvent((event) => {
    if (event.type !== "mcp.asked") return;
    if (!vscode.window.state.focused && gateway.status.role !== "leader") return;
    put(gateway, event.question).catch((error: unknown) => {
      log.warn(`An MCP server's question could not be answered: ${describeError(error)}`);
    });
  });
}

async function put(gateway: Gateway, question: McpQuestion): Promise<void> {
  const { id, server, message, fields } = question;
  const [answer, decline] = [vscode.l10n.t("Answer…"), vscode.l10n.t("Decline")];
  const asked = withoutLinks(vscode.l10n.t("The MCP server {0} asks: {1}", server, firstLine(message)));
  const choice = await vscode.window.showInformationMessage(asked, answer, decline);
  // Left alone it waits: it can be answered elsewhere.
  if (choice === undefined) return;
  const content = choice === answer ? await askFields(server, fields) : undefined;
  if (choice === answer && content === undefined) return;
  await gateway
    .client()
    .call("mcp.answer", { id, ...(content ? { action: "accept", content } : { action: "decline" }) });
}

/** undefined when the user went away. */
async function askFields(server: string, fields: McpField[]): Promise<Content | undefined> {
  const content: Content = nameTable({});
  for (const [at, field] of fields.entries()) {
    const title = `${server} (${at + 1}/${fields.length}): ${field.title}`;
    const value = field.options || field.kind === "boolean" ? await pick(field, title) : await type(field, title);
    if (value === undefined) return undefined;
    if (value !== "" || field.required) content[field.name] = value;
  }
  return content;
}

async function pick(field: McpField, title: string): Promise<string | boolean | string[] | undefined> {
  const yesNo = [
    { value: "true", title: vscode.l10n.t("Yes") },
    { value: "false", title: vscode.l10n.t("No") },
  ];
  const items = (field.options ?? yesNo).map((option) => ({ label: withoutIcons(option.title), value: option.value }));
  const options = { title, placeHolder: field.description ?? "", ignoreFocusOut: true };
  if (field.kind === "choices")
    return (await vscode.window.showQuickPick(items, { ...options, canPickMany: true }))?.map(({ value }) => value);
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen && field.kind === "boolean" ? chosen.value === "true" : chosen?.value;
}

async function type(field: McpField, title: string): Promise<string | number | undefined> {
  const isNumber = field.kind === "number";
  const typed = await vscode.window.showInputBox({
    title,
    prompt: field.description ?? "",
    value: typeof field.default === "string" || typeof field.default === "number" ? String(field.default) : "",
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text === "") return field.required ? vscode.l10n.t("Type an answer") : undefined;
      return isNumber && !Number.isFinite(Number(text)) ? vscode.l10n.t("Type a number") : undefined;
    },
  });
  return typed !== undefined && typed !== "" && isNumber ? Number(typed) : typed;
}
