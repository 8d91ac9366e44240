package config

import (
	"strconv"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

var bootSection = section[draft]{
	name: "boot",
	doc:  "How a new version is rolled out.",
	fields: []field[draft]{
		{"limit", "integer or string", "all hosts at once", "Hosts per batch: a number, or a percentage of all hosts such as \"25%\" (rounded down, at least one).", readLimit},
		{"wait", "integer", "", "Pause between batches.", seconds(0, func(d *draft) *time.Duration { return &d.Boot.Wait })},
		{"watch", "integer", "", "How long each host watches its new container, after it got the requests: one that ends or is no longer healthy takes all hosts back. If a host has several roles, it watches the first and checks the others at the end. They are always checked for about a second.", seconds(0, func(d *draft) *time.Duration { return &d.Boot.Watch })},
		{"parallel_roles", "boolean", "", "Start the roles of a host at the same time.", boolean(func(d *draft) *bool { return &d.Boot.ParallelRoles })},
		{"barrier", "string", "", "What other roles do until the primary role is healthy: with before_stop their old containers keep running, with before_start their new containers do not start either.", oneOf(func(d *draft) *Barrier { return &d.Boot.Barrier }, BeforeStop, BeforeStart)},
		{"order", "string", "start_first, unless two cannot run at once", "Whether the new container starts before the old one stops: start_first or stop_first. Also in a role: servers/<role>/boot/order.", oneOf(func(d *draft) *Order { return &d.order }, StartFirst, StopFirst)},
	},
}

func readBoot(v value, d *draft) { bootSection.read(v, d) }

func readLimit(v value, d *draft) {
	if v.Kind != yamltree.Scalar || v.Null {
		v.shouldBe("an integer or a string")
		return
	}
	number, percent := strings.CutSuffix(v.Text, "%")
	n, err := strconv.Atoi(strings.ReplaceAll(number, "_", ""))
	switch {
	case err != nil:
		v.problem(`should be a number of hosts, or a percentage such as "25%%"`)
	case n < 1:
		v.problem("should be at least 1")
	case percent:
		d.Boot.Limit = Limit{Percent: min(n, 100)}
	default:
		d.Boot.Limit = Limit{Count: n}
	}
}
