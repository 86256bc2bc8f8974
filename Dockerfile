# Familiar in a container: /music read-only, /data for the database, the master key and the caches.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY locks locks
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r locks/run.txt \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r locks/ffmpeg.txt
COPY pyproject.toml README.md LICENSE ./
COPY server server
COPY subsonic subsonic
COPY ai ai
COPY migrations migrations
COPY conformance conformance
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data familiar \
    && install -d -o familiar -g familiar -m 700 /data \
    && install -d -m 755 /music
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 FAMILIAR_DATA=/data FAMILIAR_MUSIC=/music
USER familiar
VOLUME /data
EXPOSE 4533
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4533/health', timeout=4)"]
ENTRYPOINT ["familiar"]
CMD ["serve"]
