# Browser assets, then the Python environment, then an image that holds only what runs.

FROM node:22-slim AS assets
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
COPY grader/web/static ../grader/web/static
RUN npm run build

FROM python:3.11-slim AS environment
RUN python -m venv /app/.venv
WORKDIR /app
COPY requirements.run.lock ./
RUN .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.run.lock
COPY pyproject.toml README.md LICENSE ./
COPY grader ./grader
COPY migrations ./migrations
COPY problems ./problems
COPY --from=assets /app/grader/web/static ./grader/web/static
RUN .venv/bin/pip install --no-cache-dir --no-deps --editable .

FROM python:3.11-slim
# For `grader db backup` and `restore`: of the server's version or later.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin grader \
    && mkdir -p /app/var \
    && chown grader /app/var
COPY --from=environment /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GRADER_HOST=0.0.0.0
USER grader
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["grader", "serve"]
