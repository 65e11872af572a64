import * as vscode from "vscode";
import { cancellable } from "./cancellable.ts";
import { editorTexts } from "../words/editorTexts.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import type { Window } from "../host/window.ts";
import { rememberKey, secretName, shareKey } from "./storedKeys.ts";
import { keyHolders } from "./keyCheck.ts";
import { makeUsual } from "./usualModel.ts";
import { askServer, readServerAddress, toServerId } from "./modelServers.ts";

interface Known {
  id: string;
  baseUrl: string;
  /** Those that it was found to have; absent, it is asked. */
  models?: string[];
}

/**
 * Asks for a server's address, and for a key where it wants one, lets the user choose one of its models and makes that the usual one. A
 * server that does not answer is not written anywhere. Undefined when cancelled or when it did not answer, which is said.
 */
export async function connectServer(window: Window, client: RouteClient, known?: Known): Promise<string | undefined> {
  const baseUrl = known?.baseUrl ?? (await askAddress());
  if (baseUrl === undefined) return undefined;
  const { providers } = await client.call("models.providers", {});
  const taken = new Set([...providers, ...keyHolders].map(({ id }) => id)).add("vscode").add("offline");
  const id = known?.id ?? (await nameServer(window, baseUrl, taken));
  // A new server gets no key but what is typed for it.
  const stored = known && (await window.host.secret(secretName(id)));
  const found = known?.models ? { models: known.models } : await look(window, baseUrl, stored);
  if (!found) return undefined;
  const name = await chooseName(found.models);
  if (name === undefined) return undefined;
  const model = `${id}/${name}`;
  if (found.key !== undefined) await rememberKey(window, id, found.key);
  const usual = await makeUsual(window, client, model, { [id]: { api: "openai-chat", baseUrl } });
  await shareKey(window, { id });
  return usual;
}

/** A name that no key is stored under: one that another server has left would go to this one. */
async function nameServer(window: Window, baseUrl: string, taken: Set<string>): Promise<string> {
  const id = toServerId(baseUrl, taken);
  if ((await window.host.secret(secretName(id))) === undefined) return id;
  return nameServer(window, baseUrl, taken.add(id));
}

function askAddress(): Thenable<string | undefined> {
  return vscode.window
    .showInputBox({
      title: vscode.l10n.t("Address of the server"),
      prompt: vscode.l10n.t("Its base address, as in http://127.0.0.1:11434/v1"),
      placeHolder: "http://127.0.0.1:11434/v1",
      ignoreFocusOut: true,
      validateInput: (text) => {
        const read = readServerAddress(text);
        if (!("problem" in read)) return undefined;
        if (read.problem === "password") return vscode.l10n.t("Leave the key out; it is asked for");
        if (read.problem === "models") return vscode.l10n.t("Only the part before /chat/completions or /models");
        return vscode.l10n.t("An http or https address");
      },
    })
    .then((typed) => {
      const read = typed === undefined ? undefined : readServerAddress(typed);
      return read && "baseUrl" in read ? read.baseUrl : undefined;
    });
}

/** The server's models, with the key that it wanted. */
async function look(
  window: Window,
  baseUrl: string,
  stored: string | undefined,
): Promise<{ models: string[]; key?: string } | undefined> {
  let answer = await askVisibly(baseUrl, stored);
  let key: string | undefined;
  if (answer && "refused" in answer && answer.refused) {
    key = (await askKey(baseUrl))?.trim();
    if (key === undefined) return undefined;
    window.redactor.add(key);
    answer = await askVisibly(baseUrl, key);
  }
  if (!answer) return undefined;
  if ("models" in answer && answer.models.length > 0) return { models: answer.models, ...(key ? { key } : {}) };
  const why = "models" in answer ? vscode.l10n.t("it has no models yet") : answer.message;
  const message = vscode.l10n.t("{0} cannot be used: {1}. Nothing was changed.", baseUrl, why);
  void vscode.window.showErrorMessage(withoutLinks(message));
  return undefined;
}

function askVisibly(baseUrl: string, key: string | undefined) {
  const title = vscode.l10n.t("Asking {0} for its models", baseUrl);
  return cancellable(title, (signal) => askServer(editorTexts(), baseUrl, key, { signal }));
}

function askKey(baseUrl: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("Key of {0}", new URL(baseUrl).host),
    prompt: vscode.l10n.t("The server wants a key. It is kept in the editor's secret storage."),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? vscode.l10n.t("Paste the whole key") : undefined),
  });
}

async function chooseName(models: string[]): Promise<string | undefined> {
  if (models.length === 1) return models[0];
  const items = models.map((name) => ({ label: withoutIcons(name), name }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Usual model") }))?.name;
}
