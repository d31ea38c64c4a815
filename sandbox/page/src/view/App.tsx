import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { ActionsContext } from "../blocks/surface";
import { usePlace } from "../place";
import { useSlack, useWorld, type Slack } from "../slack";
import { NamesContext, makeNames, personName, type Names } from "../text/names";
import type { AppInfo, Channel, Conversation as Conv, Seen, World } from "../types";
import { AppPlace, type Tab } from "./AppPlace";
import { useConfirm } from "./Confirm";
import { Conversation } from "./Conversation";
import { BrowseChannels, NewMessage } from "./Lists";
import { Icon } from "./Icon";
import { Modals } from "./Modals";
import { Banner, Toasts } from "./Notices";
import { PersonButton, PersonSwitcher } from "./PersonSwitcher";
import { Sidebar } from "./Sidebar";
import { Thread } from "./Thread";

type Open = "" | "people" | "browse" | "dm";

/** The place named in the address, as one of the things the page can show. */
interface Spot {
  app?: AppInfo;
  tab: Tab;
  conversation?: Conv;
}

/** An app that is installed in several teams has a bot user in each; people meet their own team's. */
function appsFor(world: World, seen: Seen): AppInfo[] {
  return world.apps.filter((a) => !a.team || a.team === seen.me.team);
}

function spotOf(place: string, seen: Seen, world: World): Spot {
  const apps = appsFor(world, seen);
  const named = /^(home|about)(?::(.+))?$/.exec(place);
  if (named) {
    const app = apps.find((a) => a.id === named[2]) ?? apps[0];
    return { app, tab: named[1] as Tab, conversation: app && seen.conversations.find((c) => c.with === app.bot_user) };
  }
  const conversation = seen.conversations.find((c) => c.id === place || (c.kind === "dm" && c.with === place));
  const app = apps.find((a) => a.bot_user === (conversation?.with ?? place));
  if (app) return { app, tab: "messages", conversation };
  if (conversation) return { tab: "messages", conversation };
  const browsable = seen.browsable.find((c) => c.id === place);
  if (browsable) return { tab: "messages", conversation: { ...browsable, kind: "public", archived: false, shared: false, unread: 0, is_member: false } };
  const person = world.people.find((p) => p.id === place);
  if (!person) return { tab: "messages" };
  return { tab: "messages", conversation: { id: person.id, name: person.name, kind: "dm", with: person.id, archived: false, shared: false, unread: 0, is_member: true } };
}

function firstPlace(seen: Seen): string {
  const channels = seen.conversations.filter((c) => c.kind !== "dm" && c.is_member && !c.archived);
  return (channels.find((c) => c.unread > 0) ?? channels[0])?.id ?? "home";
}

function useTitle(seen: Seen | null, spot: Spot | null, names: Names): void {
  const unread = seen?.conversations.reduce((sum, c) => sum + c.unread, 0) ?? 0;
  const conversation = spot?.conversation;
  const where = spot?.app?.name ?? (conversation ? (conversation.kind === "dm" ? personName(names, conversation.with ?? "") : `#${conversation.name}`) : "");
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ""}${where ? `${where} · ` : ""}Local Slack`;
  }, [unread, where]);
}

export function App(): ReactNode {
  const [place, go] = usePlace();
  const [world, reloadWorld] = useWorld();
  const slack = useSlack(place.as, world, reloadWorld);
  const first = world?.people.find((p) => p.kind === "member" || p.kind === "admin")?.id;
  useEffect(() => {
    if (world && !world.people.some((p) => p.id === place.as) && first) go({ as: first, thread: "" }, true);
  }, [world, place.as, first, go]);
  useEffect(() => {
    if (slack.seen && !place.in) go({ in: firstPlace(slack.seen) }, true);
  }, [slack.seen, place.in, go]);
  if (!world || !slack.seen) return <p className="loading" role="status">{slack.online ? "Loading…" : "The local Slack does not answer. Is it still running?"}</p>;
  return <Page world={world} seen={slack.seen} slack={slack} place={place} go={go} />;
}

interface PageProps {
  world: World;
  seen: Seen;
  slack: Slack;
  place: ReturnType<typeof usePlace>[0];
  go: ReturnType<typeof usePlace>[1];
}

function Page({ world, seen, slack, place, go }: PageProps): ReactNode {
  const [confirm, confirmFrame] = useConfirm();
  const [open, setOpen] = useState<Open>("");
  const [drawer, setDrawer] = useState(false);
  const goTo = useCallback(
    (to: string) => {
      setDrawer(false);
      setOpen("");
      go({ in: to, thread: "" });
    },
    [go],
  );
  const switchTo = useCallback(
    (id: string) => {
      setOpen("");
      setDrawer(false);
      go({ as: id, thread: "", in: staysAt(place.in, id, world) ? place.in : "" });
    },
    [go, place.in, world],
  );
  const apps = useMemo(() => appsFor(world, seen), [world, seen]);
  const channels = useMemo(() => visibleChannels(seen, world), [seen, world]);
  const names = useMemo(() => makeNames(world.people, channels, apps, seen.me, goTo, switchTo), [world, channels, apps, seen.me, goTo, switchTo]);
  const actions = useMemo(() => ({ act: slack.act, confirm }), [slack.act, confirm]);
  const spot = spotOf(place.in, seen, world);
  useTitle(seen, spot, names);
  const unread = seen.conversations.reduce((sum, c) => sum + c.unread, 0);
  const menuButton = (
    <button type="button" className="icon-button drawer-button" aria-label={`Channels${unread ? `, ${unread} unread` : ""}`} aria-controls="sidebar" aria-expanded={drawer} onClick={() => setDrawer(!drawer)}>
      <Icon name="menu" size={22} />{unread > 0 && <span className="unread-count">{unread}</span>}
    </button>
  );
  const onThread = (ts: string) => go({ thread: ts });
  const team = world.teams.find((t) => t.id === seen.me.team);
  return (
    <ActionsContext.Provider value={actions}>
      <NamesContext.Provider value={names}>
        <div className="page" data-as={seen.me.id} data-version={seen.version} onKeyDown={(event) => event.key === "Escape" && setDrawer(false)}>
          <button type="button" className="skip" onClick={() => document.querySelector<HTMLElement>("main [role=log], main [role=tabpanel]")?.focus()}>Skip to the messages</button>
          <Banner />
          {!slack.online && <div className="offline" role="status">The local Slack does not answer. This page tries again by itself.</div>}
          <div className={place.thread ? "columns columns-thread" : "columns"}>
            <div className="narrow-bar"><PersonButton me={seen.me} compact onOpen={() => setOpen("people")} /></div>
            <Sidebar seen={seen} teamName={team?.name ?? "Local Slack"} here={spot.app?.bot_user ?? place.in} open={drawer} onGo={(to) => goTo(apps.some((a) => a.bot_user === to) ? appEntry(to, seen, apps) : to)} onSwitch={() => setOpen("people")} onBrowse={() => setOpen("browse")} onNewDm={() => setOpen("dm")} />
            {drawer && <button type="button" className="drawer-veil" aria-label="Hide channels" tabIndex={-1} onClick={() => setDrawer(false)} />}
            {spot.app ? (
              <AppPlace key={`${seen.me.id}${spot.app.id}`} seen={seen} app={spot.app} tab={spot.tab} at={place.at} menuButton={menuButton} onThread={onThread} onTab={(tab) => go({ in: tab === "messages" ? spot.app!.bot_user : `${tab}${apps.length > 1 ? `:${spot.app!.id}` : ""}`, thread: "" })} />
            ) : spot.conversation ? (
              <Conversation key={spot.conversation.id} seen={seen} conversation={spot.conversation} channel={world.channels.find((c) => c.id === spot.conversation!.id)} onThread={onThread} at={place.at} menuButton={menuButton} />
            ) : (
              <main className="place" aria-label="Nothing here"><header className="place-head">{menuButton}<h1>Not here</h1></header><p className="empty">{names.me?.real_name} cannot see this place, or it does not exist.</p></main>
            )}
            {place.thread && spot.conversation && <Thread seen={seen} conversation={spot.conversation} ts={place.thread} onClose={() => go({ thread: "" })} />}
          </div>
          {open === "people" && <PersonSwitcher world={world} me={seen.me.id} onPick={switchTo} onClose={() => setOpen("")} />}
          {open === "browse" && <BrowseChannels seen={seen} onGo={goTo} onClose={() => setOpen("")} />}
          {open === "dm" && <NewMessage seen={seen} onGo={goTo} onClose={() => setOpen("")} />}
          <Modals key={seen.me.id} modals={seen.modals} />
          {confirmFrame}
          <Toasts notices={[...seen.notices, ...slack.faults]} onDismiss={(n) => (n.id.startsWith("page-") ? slack.forget(n.id) : void slack.act({ do: "dismiss", id: n.id }))} />
        </div>
      </NamesContext.Provider>
    </ActionsContext.Provider>
  );
}

/** Channels whose names this person may read: their own and the public ones. */
function visibleChannels(seen: Seen, world: World): (Channel | Conv)[] {
  const own = new Map(seen.conversations.filter((c) => c.kind !== "dm").map((c) => [c.id, c]));
  const open = world.channels.filter((c) => c.kind === "public" && c.team === seen.me.team && !own.has(c.id));
  return [...own.values(), ...open];
}

/** Whether the other person can stand where this one stood: everyone has a Home, not everyone is in a channel. */
function staysAt(place: string, person: string, world: World): boolean {
  if (/^(home|about)/.test(place)) return true;
  return world.channels.some((c) => c.id === place && c.members.includes(person));
}

/** An app opens on its messages when there is something new, else on its Home tab. */
function appEntry(bot: string, seen: Seen, apps: AppInfo[]): string {
  const unread = seen.conversations.find((c) => c.with === bot)?.unread ?? 0;
  if (unread > 0) return bot;
  return apps.length > 1 ? `home:${apps.find((a) => a.bot_user === bot)!.id}` : "home";
}
