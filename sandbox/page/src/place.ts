import { useCallback, useEffect, useState } from "react";

/** What the address bar says: who acts, where they are, and which thread is open. */
export interface Place {
  as: string;
  in: string;
  thread: string;
  /** The message that a permalink points at. */
  at: string;
}

function read(): Place {
  const query = new URLSearchParams(window.location.search);
  const named = query.get("as");
  if (named) sessionStorage.setItem("as", named);
  // A permalink: /archives/C.../p1795341600000100, perhaps with its thread.
  const link = /^\/archives\/(\w+)(?:\/p(\d{10})(\d+))?/.exec(window.location.pathname);
  if (link) return { as: named ?? sessionStorage.getItem("as") ?? "", in: link[1]!, thread: query.get("thread_ts") ?? "", at: link[2] ? `${link[2]}.${link[3]}` : "" };
  return { as: named ?? "", in: query.get("in") ?? "", thread: query.get("thread") ?? "", at: "" };
}

function write(place: Place): string {
  const query = new URLSearchParams();
  if (place.as) query.set("as", place.as);
  if (place.in) query.set("in", place.in);
  if (place.thread) query.set("thread", place.thread);
  if (place.as) sessionStorage.setItem("as", place.as);
  return `/?${query}`;
}

export function usePlace(): [Place, (change: Partial<Place>, replace?: boolean) => void] {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const onPop = () => setPlace(read());
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  const go = useCallback((change: Partial<Place>, replace = false) => {
    const next = { ...read(), at: "", ...change };
    if (replace) window.history.replaceState(null, "", write(next));
    else window.history.pushState(null, "", write(next));
    setPlace(next);
  }, []);
  return [place, go];
}
