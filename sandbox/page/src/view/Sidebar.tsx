import { useContext, type ReactNode } from "react";
import { ActionsContext } from "../blocks/surface";
import { personName, useNames } from "../text/names";
import type { AppInfo, Conversation, Seen } from "../types";
import { Avatar } from "./Avatar";
import { Icon } from "./Icon";
import { PersonButton } from "./PersonSwitcher";

interface Props {
  seen: Seen;
  teamName: string;
  here: string;
  open: boolean;
  onGo: (place: string) => void;
  onSwitch: () => void;
  onBrowse: () => void;
  onNewDm: () => void;
}

function Unread({ count }: { count: number }): ReactNode {
  if (count === 0) return null;
  return (
    <span className="unread-count" aria-label={`${count} unread`}>
      {count > 99 ? "99+" : count}
    </span>
  );
}

interface RowProps {
  place: string;
  here: boolean;
  unread: number;
  mark: ReactNode;
  name: string;
  kind: string;
  onGo: (place: string) => void;
}

function Row({ place, here, unread, mark, name, kind, onGo }: RowProps): ReactNode {
  const label = `${name}, ${kind}${unread ? `, ${unread} unread` : ""}`;
  return (
    <li>
      <button type="button" className={`side-row${here ? " side-here" : ""}${unread ? " side-unread" : ""}`} data-channel={place} data-unread={unread} aria-current={here ? "page" : undefined} aria-label={label} onClick={() => onGo(place)}>
        <span className="side-mark" aria-hidden="true">{mark}</span>
        <span className="side-name">{name}</span>
        <Unread count={unread} />
      </button>
    </li>
  );
}

/** Slack's "pause notifications": two hours, or its end. */
function Disturb({ on }: { on: boolean }): ReactNode {
  const { act } = useContext(ActionsContext);
  return (
    <button type="button" className="side-quiet" aria-pressed={on} onClick={() => void act({ do: "disturb", minutes: on ? 0 : 120 })}>
      <Icon name={on ? "moon" : "bell"} size={15} />
      {on ? "Do not disturb is on" : "Do not disturb"}
    </button>
  );
}

const byName = (a: Conversation, b: Conversation): number => a.name.localeCompare(b.name);

/** Channels, people and apps, with what is unread. */
export function Sidebar({ seen, teamName, here, open, onGo, onSwitch, onBrowse, onNewDm }: Props): ReactNode {
  const names = useNames();
  const channels = seen.conversations.filter((c) => c.kind !== "dm" && (c.is_member || c.unread > 0)).sort(byName);
  const isApp = (c: Conversation): AppInfo | undefined => names.apps.find((a) => a.bot_user === c.with);
  const dms = seen.conversations.filter((c) => c.kind === "dm" && !isApp(c));
  return (
    <nav id="sidebar" className={open ? "sidebar sidebar-open" : "sidebar"} aria-label="Channels and direct messages">
      <div className="side-team">{teamName}</div>
      <PersonButton me={seen.me} onOpen={onSwitch} />
      <Disturb on={Boolean(seen.me.dnd)} />
      <div className="side-scroll">
        <section aria-label="Apps">
          <h2 className="side-head">Apps</h2>
          <ul>
            {names.apps.map((app) => {
              const dm = seen.conversations.find((c) => c.with === app.bot_user);
              const current = here === app.bot_user || here === dm?.id;
              return <Row key={app.id} place={app.bot_user} here={current} unread={dm?.unread ?? 0} mark={<Avatar id={app.bot_user} name={app.name} app size={20} />} name={app.name} kind="app" onGo={onGo} />;
            })}
          </ul>
        </section>
        <section aria-label="Channels">
          <h2 className="side-head">Channels</h2>
          <ul>
            {channels.map((c) => (
              <Row key={c.id} place={c.id} here={here === c.id} unread={c.unread} mark={c.kind === "private" ? <Icon name="lock" size={15} /> : "#"} name={c.name} kind={c.kind === "private" ? "private channel" : "channel"} onGo={onGo} />
            ))}
            <li><button type="button" className="side-row side-add" onClick={onBrowse}><span className="side-mark" aria-hidden="true">+</span>Browse channels</button></li>
          </ul>
        </section>
        <section aria-label="Direct messages">
          <h2 className="side-head">Direct messages</h2>
          <ul>
            {dms.map((c) => {
              const name = c.with ? personName(names, c.with) : c.name;
              return <Row key={c.id} place={c.id} here={here === c.id} unread={c.unread} mark={<Avatar id={c.with ?? c.id} name={name} person={names.people.get(c.with ?? "")} size={20} />} name={name} kind="direct message" onGo={onGo} />;
            })}
            <li><button type="button" className="side-row side-add" onClick={onNewDm}><span className="side-mark" aria-hidden="true">+</span>New message</button></li>
          </ul>
        </section>
      </div>
    </nav>
  );
}
