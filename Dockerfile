FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY schemas schemas
COPY publisher publisher
COPY worker worker
RUN python3 -m venv /opt/order-worker \
    && /opt/order-worker/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin orders
COPY --from=build /opt/order-worker /opt/order-worker
ENV PATH=/opt/order-worker/bin:$PATH PYTHONUNBUFFERED=1
USER orders
# No HEALTHCHECK here: whether there is a port to ask is decided where ORDERS_HTTP_PORT is set.
ENTRYPOINT ["order-worker"]
CMD ["run"]
