# The base can be replaced: docs/operations.md says how to make one without an image registry.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /app
RUN python3 -m venv /app/.venv
COPY requirements.txt ./
RUN /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md ./
COPY bot ./bot
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && python3 -m compileall -q bot

FROM ${BASE}
RUN useradd --uid 10001 --home-dir /app --shell /usr/sbin/nologin canteen \
    && mkdir /data && chown canteen /data
COPY --from=build /app /app
COPY config /app/config
COPY migrations /app/migrations
WORKDIR /app
USER 10001
# One volume for SQLite. `canteen run` writes nothing else, so the root file system may be read-only; imports also need /tmp.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////data/canteen.db CANTEEN_HTTP=0.0.0.0:3000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['CANTEEN_HTTP'].rpartition(':')[2] + '/healthz', timeout=3)"]
ENTRYPOINT ["canteen"]
CMD ["run"]
