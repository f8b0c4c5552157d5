# The service as an image. Two targets:
#   service     the default: the model is mounted at /models
#   with-model  trains one while it is built
# docs/deploy.md tells how it is run; tests/test_deploy.py goes through its steps without Docker.
ARG BASE=python:3.11.13-slim-bookworm

# --- build: the locked dependencies of the service in /venv, and nothing of how they came there
FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /app
COPY requirements/uv.lock.txt requirements/serve.lock requirements/
RUN python -m venv /venv && python -m venv /uv
RUN /uv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.lock.txt
RUN /uv/bin/uv pip install --python /venv/bin/python --compile-bytecode --require-hashes --build-constraints requirements/serve.lock -r requirements/serve.lock
COPY pyproject.toml README.md LICENSE jiesu.py ./
COPY triage triage
COPY service service
COPY training training
COPY data data
RUN /uv/bin/uv pip install --python /venv/bin/python --no-deps --no-build-isolation -e .
RUN /uv/bin/uv pip check --python /venv/bin/python
# Who runs it cannot write beside the code, and would compile it at every start.
RUN /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash jiesu.py triage service training

# --- train: everything that training needs stays in this stage; only /models leaves it
FROM build AS train
COPY requirements/all.lock requirements/
RUN /uv/bin/uv pip install --python /venv/bin/python --require-hashes --build-constraints requirements/all.lock -r requirements/all.lock
RUN JIESU_MODELS=/models JIESU_HOME=/tmp/home /venv/bin/jiesu train && rm -rf /tmp/home

# --- base: what both images run; an ordinary user owns nothing but /var/lib/jiesu
FROM ${BASE} AS base
RUN groupadd --system --gid 10001 jiesu && useradd --system --uid 10001 --gid jiesu --home-dir /var/lib/jiesu --no-create-home --shell /usr/sbin/nologin jiesu && install -d -o jiesu -g jiesu -m 0700 /var/lib/jiesu
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
# Compiled kernels are kept in the volume: the code itself cannot be written.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    JIESU_HOST=0.0.0.0 JIESU_PORT=8000 JIESU_HOME=/var/lib/jiesu JIESU_MODELS=/models \
    NUMBA_CACHE_DIR=/var/lib/jiesu/numba
VOLUME /var/lib/jiesu
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['JIESU_PORT'] + '/health/ready', timeout=4)"]
ENTRYPOINT ["jiesu"]
CMD ["serve"]
USER 10001:10001

FROM base AS with-model
COPY --from=train /models /models

FROM base AS service
VOLUME /models
