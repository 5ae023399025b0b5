# Likeness in a container: `docker build -t likeness .`, then see docs/deploying.md.
# The steps are in deploy/install, which a test runs as they stand here.

# 3.11 is the Python that the tests run with. Debian, since no wheel here is made for musl alone.
# By its digest, as all images here: docs/decisions/0033 says how to get a newer one.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build
COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
COPY deploy/install /source/deploy/install
COPY deploy/requirements /source/deploy/requirements
# `--build-arg EXTRA=scripts` draws initials in more scripts, `EXTRA=ldap` reads a directory, with
# `EXTRA=scim` directories come by themselves, and `EXTRA="scripts ldap scim"` is all of it.
ARG EXTRA=""
RUN sh /source/deploy/install /opt/likeness $EXTRA

# A second stage, so that pip, uv and their caches stay behind.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
COPY --from=build /opt/likeness /opt/likeness
# A number, which Kubernetes can check, and the same in every version, since files belong to it.
RUN mkdir -m 700 /data && chown 10001:10001 /data
ENV PATH=/opt/likeness/bin:$PATH \
    LIKENESS_DATA=/data \
    LIKENESS_HOST=0.0.0.0 \
    LIKENESS_LOG_FORMAT=json
USER 10001:10001
# Nothing else is written to, so the root may be read-only.
VOLUME /data
EXPOSE 8080
# Of the process only: a database that is away is no reason to restart this.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz')"]
# See docs/deploying.md on how long to wait after it.
STOPSIGNAL SIGTERM
ENTRYPOINT ["likeness"]
CMD ["serve"]
