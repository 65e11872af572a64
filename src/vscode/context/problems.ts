import * as vscode from "vscode";
import { protectedReason } from "../../rules/protectedPath.ts";
import type { ContextFound, ContextRef } from "../../protocol/panel/contextRef.ts";
import { fileLabel } from "./fileLabel.ts";

const MOST = 500;

/** The problems that the editor shows, all and those of the open file; single ones where their words fit. */
export function findProblems(query: string): ContextFound[] {
  const all = listProblems();
  if (all.length === 0) return [];
  const active = vscode.window.activeTextEditor?.document.uri;
  const here = all.filter(({ uri }) => uri.toString() === active?.toString());
  if (query === "")
    return [
      ...(here.length > 0 && here.length < all.length ? [toFound(fileRef(active!), here.length)] : []),
      toFound({ kind: "problems", label: vscode.l10n.t("Problems"), icon: "warning" }, all.length),
    ];
  const word = query.toLowerCase();
  const isAll = vscode.l10n.t("Problems").toLowerCase().startsWith(word);
  return [
    ...(isAll
      ? [toFound({ kind: "problems" as const, label: vscode.l10n.t("Problems"), icon: "warning" }, all.length)]
      : []),
    ...all
      .filter(({ problem }) => word.length > 2 && problem.message.toLowerCase().includes(word))
      .slice(0, 5)
      .map(({ uri, problem }) => ({
        ref: toProblemRef(uri, problem),
        label: problem.message.split("\n", 1)[0]!,
        detail: fileLabel(uri, problem.range.start.line + 1),
      })),
  ];
}

/** A chip for one problem. */
export function toProblemRef(uri: vscode.Uri, { range }: vscode.Diagnostic): ContextRef {
  const from = range.start.line + 1;
  const label = vscode.l10n.t("Problem in {0}", fileLabel(uri, from));
  return { kind: "problems", label, icon: "warning", uri: uri.toString(), from };
}

/** The problems that a chip means, a line each as compilers write them. */
export function readProblems({ uri, from }: ContextRef): string {
  const meant = listProblems().filter(
    (found) =>
      (uri === undefined || found.uri.toString() === uri) &&
      (from === undefined || found.problem.range.start.line + 1 === from),
  );
  const lines = meant.slice(0, MOST).map(({ uri: file, problem }) => toLine(file, problem));
  const more = meant.length > MOST ? [vscode.l10n.t("[{0} more problems]", meant.length - MOST)] : [];
  return [...lines, ...more].join("\n") || vscode.l10n.t("The editor shows no problem there now.");
}

function fileRef(uri: vscode.Uri): ContextRef {
  const label = vscode.l10n.t("Problems in {0}", fileLabel(uri));
  return { kind: "problems", label, icon: "warning", uri: uri.toString() };
}

function toFound(ref: ContextRef, count: number): ContextFound {
  return { ref, label: ref.label, detail: String(count) };
}

function listProblems(): { uri: vscode.Uri; problem: vscode.Diagnostic }[] {
  return vscode.languages
    .getDiagnostics()
    .filter(([uri]) => uri.scheme !== "file" || protectedReason(uri.fsPath, "read") === undefined)
    .flatMap(([uri, problems]) => problems.map((problem) => ({ uri, problem })))
    .sort((a, b) => a.problem.severity - b.problem.severity);
}

const SEVERITIES = ["error", "warning", "info", "hint"];

function toLine(uri: vscode.Uri, { range, severity, message, source, code }: vscode.Diagnostic): string {
  const place = `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}:${range.start.character + 1}`;
  const number = typeof code === "object" ? code.value : code;
  const from = [source, number].filter((part) => part !== undefined && part !== "").join(" ");
  return `${place}: ${SEVERITIES[severity]}: ${message}${from === "" ? "" : ` (${from})`}`;
}
