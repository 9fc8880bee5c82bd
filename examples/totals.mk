# The totals of two days, and a report over both: a makefile for ex-convert to read.
DAYS := mon tue

.PHONY: all
all: report.txt ## what is wanted

report.txt: $(DAYS:%=total-%.txt)
	@sort $^ > $@

total-%.txt: orders-%.txt
	awk '{ sum += $$2 } END { print "$*", sum }' $< > $@

orders-%.txt:
	printf 'pens 3\nbooks 4\n' > $@
