# Pin this by digest where you build it: FROM python:3.12-slim-bookworm@sha256:…
# (docker buildx imagetools inspect python:3.12-slim-bookworm shows today's).
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv --without-pip /opt/matinee
COPY requirements.txt /
# Wheels alone: nothing of anybody's is run while installing.
RUN python -m pip --python /opt/matinee/bin/python install --require-hashes --only-binary=:all: -r /requirements.txt
COPY bot /app/bot
COPY cogs /app/cogs
RUN /opt/matinee/bin/python -m compileall -q /opt/matinee/lib /app

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 matinee \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin matinee \
    && install -d -o 10001 -g 10001 -m 700 /data
COPY --from=build /opt/matinee /opt/matinee
COPY --from=build /app /app
COPY LICENSE /app/
ENV PATH=/opt/matinee/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    LISTEN=0.0.0.0:8080 \
    LOG_FORMAT=json
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; address = os.environ.get('ADMIN_LISTEN') or '127.0.0.1:9090'; web.urlopen('http://' + address.replace('0.0.0.0', '127.0.0.1') + '/readyz', timeout=5)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
