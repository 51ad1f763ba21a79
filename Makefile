# Everything works from a fresh clone: what is missing is installed and started first (scripts/bootstrap).
.PHONY: help lab-up lab-down test soak bench demos package dist bootstrap

help:
	@echo 'make lab-up      start the traditional lab       (ARGS=--bare, ARGS="traditional-redis --name cache", …)'
	@echo 'make lab-down    remove every lab                (ARGS=<name> for one)'
	@echo 'make test        lint, types, and all tests      (ARGS=<pattern> for some)'
	@echo 'make soak        whole what tests draw from       (ARGS="worlds kills", SEED=7, SCALE=0.1)'
	@echo 'make bench       what can be measured             (ARGS=completeness, ARGS="delay --rate 2000", …)'
	@echo 'make demos       record docs/demos anew            (ARGS=copy for one)'
	@echo 'make package     the npm package, as a tarball in dist'
	@echo 'make dist        Debian packages and archives     (ARGS="--arch amd64 --form deb")'
	@echo 'make bootstrap   only install and start what the others need'
	@echo
	@echo './bin/lab --help tells what else a lab can do.'

bootstrap:
	@scripts/bootstrap tests

lab-up:
	@scripts/bootstrap
	@bin/lab up $(ARGS)

lab-down:
	@scripts/bootstrap
	@bin/lab down $(or $(ARGS),--all)

test: bootstrap
	@scripts/test $(ARGS)

soak: bootstrap
	@SEED=$(SEED) SCALE=$(SCALE) scripts/soak $(ARGS)

demos:
	@scripts/bootstrap
	@scripts/demos $(ARGS)

bench:
	@scripts/bootstrap
	@scripts/bench $(ARGS)

package:
	@scripts/bootstrap
	@npm run --silent package

dist:
	@scripts/bootstrap
	@scripts/dist $(ARGS)
