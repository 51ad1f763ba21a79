# The last and smallest layer: a change of the sources rebuilds only this one.
ARG RUNTIME
ARG ADDONS
FROM ${ADDONS} AS addons
FROM ${RUNTIME}
LABEL tcpcopy-lab.image=node
COPY --from=addons / /opt/tcpcopy-lab/
COPY programs /opt/tcpcopy-lab/programs
