import type { Service } from "./service.ts";
import { markupText } from "../../base/text/markupText.ts";

export interface TaskOptions {
  /** Whose it is, as in "PC\ada". */
  user: string;
  /** "C:\Windows\System32". */
  system: string;
}

/**
 * A task of Windows' Task Scheduler that starts the service when its user logs on and looks every five minutes whether it
 * still runs: a task that ends with a failure is not started again by itself. Its text is meant to be written as UTF-16.
 */
export function toScheduledTask({ words }: Pick<Service, "words">, { user, system }: TaskOptions): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Pincer, an agent gateway. Written by "pincer service install".</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Repetition>
        <Interval>PT5M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <Enabled>true</Enabled>
      <UserId>${markupText(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${markupText(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${markupText(`${system}\\conhost.exe`)}</Command>
      <Arguments>${markupText(`--headless ${commandLine(words, system)}`)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** As Windows' own programs take it apart again. A batch file is run by cmd, which takes off the outermost quotes. */
function commandLine(words: string[], system: string): string {
  const line = words.map(quote).join(" ");
  return /\.(cmd|bat)$/i.test(words[0] ?? "") ? `${quote(`${system}\\cmd.exe`)} /d /s /c "${line}"` : line;
}

/** Backslashes count double only where a quote follows. */
function quote(word: string): string {
  return `"${word.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, "$1$1")}"`;
}
