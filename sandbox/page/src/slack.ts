import { useCallback, useEffect, useRef, useState } from "react";
import { Refused, fetchSeen, fetchWorld, postAct } from "./api";
import type { Json, Notice, Seen, World } from "./types";

export interface Slack {
  world: World | null;
  seen: Seen | null;
  online: boolean;
  /** Faults the page itself has to tell, beside Slack's own notices. */
  faults: Notice[];
  act: (what: Json) => Promise<Json | null>;
  /** Like act, but the caller deals with a refusal. */
  tryAct: (what: Json) => Promise<Json>;
  tell: (text: string) => void;
  forget: (id: string) => void;
}

let faultNumber = 0;

export function useWorld(): [World | null, () => void] {
  const [world, setWorld] = useState<World | null>(null);
  const load = useCallback(() => {
    fetchWorld().then(setWorld, () => undefined);
  }, []);
  useEffect(load, [load]);
  return [world, load];
}

/** Everything one person sees, kept up to date: a stream says when, a fetch says what. */
export function useSlack(as: string, world: World | null, reloadWorld: () => void): Slack {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [online, setOnline] = useState(true);
  const [faults, setFaults] = useState<Notice[]>([]);
  const current = useRef({ as, version: -1 });
  if (current.current.as !== as) current.current = { as, version: -1 };

  const take = useCallback((who: string, next: Seen) => {
    if (who !== current.current.as || next.version < current.current.version) return;
    current.current.version = next.version;
    setSeen(next);
  }, []);

  const tell = useCallback((text: string) => {
    faultNumber += 1;
    const fault = { id: `page-${faultNumber}`, kind: "error", text };
    setFaults((before) => [...before, fault]);
  }, []);
  const forget = useCallback((id: string) => setFaults((before) => before.filter((f) => f.id !== id)), []);

  useEffect(() => {
    setSeen(null);
    if (!as) return undefined;
    return follow(as, take, setOnline, reloadWorld, current);
  }, [as, take, reloadWorld]);

  const tryAct = useCallback(
    async (what: Json) => {
      const body = await postAct(as, what);
      if (body.seen) take(as, body.seen as Seen);
      return body;
    },
    [as, take],
  );
  const act = useCallback(
    async (what: Json) => {
      try {
        return await tryAct(what);
      } catch (error) {
        tell(error instanceof Refused ? error.message : "The local Slack does not answer. Is it still running?");
        return null;
      }
    },
    [tryAct, tell],
  );
  return { world, seen: seen && seen.me.id === as ? seen : null, online, faults, act, tryAct, tell, forget };
}

function follow(
  as: string,
  take: (who: string, seen: Seen) => void,
  setOnline: (online: boolean) => void,
  reloadWorld: () => void,
  current: { current: { version: number } },
): () => void {
  let stopped = false;
  let fetching = false;
  let again = false;
  const refresh = async () => {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    do {
      again = false;
      try {
        const next = await fetchSeen(as);
        if (stopped) return;
        take(as, next);
        setOnline(true);
      } catch (error) {
        if (stopped) return;
        setOnline(error instanceof Refused);
      }
    } while (again);
    fetching = false;
  };
  const stream = new EventSource(`/_sandbox/stream?as=${encodeURIComponent(as)}`);
  stream.onopen = () => {
    // A server that was restarted counts its versions afresh.
    current.current.version = -1;
    reloadWorld();
    void refresh();
  };
  stream.onmessage = (event) => {
    const version = Number(JSON.parse(event.data).version);
    if (!(version <= current.current.version)) void refresh();
  };
  stream.onerror = () => setOnline(false);
  void refresh();
  return () => {
    stopped = true;
    stream.close();
  };
}
