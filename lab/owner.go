package lab

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Labels by which a lab's containers and networks are found again.
const (
	labelName = "mrsk.lab"       // the lab's name
	labelPart = "mrsk.lab.part"  // vm1, deployer, registry, balancer
	labelPID  = "mrsk.lab.pid"   // the process that brought it up
	labelBorn = "mrsk.lab.born"  // when that process started: a pid may be taken again
	labelKeep = "mrsk.lab.keep"  // it is to outlive that process
	labelSize = "mrsk.lab.hosts" // how many hosts it has
)

// process is one run of a program.
type process struct {
	pid  int
	born string // in clock ticks since the machine's start
}

func thisProcess() process {
	pid := os.Getpid()
	return process{pid: pid, born: born(pid)}
}

func (p process) alive() bool {
	now := born(p.pid)
	return now != "" && now == p.born
}

// born reads a process's start time, empty when there is no such process.
func born(pid int) string {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	return startTime(string(content))
}

// startTime is field 22 of a stat line. Field 2, the program's name in
// brackets, may hold anything, so counting starts behind the last bracket.
func startTime(stat string) string {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const state, started = 3, 22
	if len(fields) <= started-state || fields[0] == "Z" {
		return ""
	}
	return fields[started-state]
}

// Info is what is known of a lab without talking to its parts.
type Info struct {
	Name  string
	Hosts int  // how many, without the deployer
	Keep  bool // it outlives the process that brought it up
	Alive bool // that process still runs
}

// Abandoned reports whether the process that should close the lab has ended.
func (i Info) Abandoned() bool { return !i.Keep && !i.Alive }

// infoFormat prints one line per container or network; docker's own JSON joins
// labels with commas.
var infoFormat = func() string {
	var fields []string
	for _, name := range []string{labelName, labelPID, labelBorn, labelKeep, labelSize} {
		fields = append(fields, fmt.Sprintf("{{.Label %q}}", name))
	}
	return strings.Join(fields, "|")
}()

// List returns the labs on this machine, by name, with what is left of dead ones.
func List(ctx context.Context) ([]Info, error) {
	containers, err := docker(ctx, "ps", "-a", "--filter", "label="+labelName, "--format", infoFormat)
	if err != nil {
		return nil, err
	}
	networks, err := docker(ctx, "network", "ls", "--filter", "label="+labelName, "--format", infoFormat)
	if err != nil {
		return nil, err
	}
	return parseInfos(containers+"\n"+networks, process.alive), nil
}

func parseInfos(lines string, alive func(process) bool) []Info {
	found := map[string]Info{}
	for line := range strings.Lines(lines) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		if len(fields) != 5 || fields[0] == "" {
			continue
		}
		pid, _ := strconv.Atoi(fields[1])
		hosts, _ := strconv.Atoi(fields[4])
		found[fields[0]] = Info{
			Name: fields[0], Hosts: hosts, Keep: fields[3] == "true",
			Alive: alive(process{pid: pid, born: fields[2]}),
		}
	}
	var infos []Info
	for _, info := range found {
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return infos
}

// Sweep removes the labs whose process is gone and that were not to be kept.
func Sweep(ctx context.Context) error {
	infos, err := List(ctx)
	if err != nil {
		return err
	}
	var works []func() error
	for _, info := range infos {
		if info.Abandoned() {
			works = append(works, func() error { return Remove(ctx, info.Name) })
		}
	}
	return together(works...)
}

// Remove removes all that carries a lab's name, whoever brought it up. Another
// process may be removing the same at the same time: then it waits for that.
func Remove(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, commandTimeout, errPatience)
	defer cancel()
	label := "label=" + labelName + "=" + name
	err := again(ctx, 50, func() error {
		return removeAll(ctx, label, []string{"ps", "-aq"}, []string{"rm", "-fv"})
	})
	if err != nil {
		return fmt.Errorf("remove lab %s: %w", name, err)
	}
	// Docker 20.10 may miscount and keep a network as in use that nobody is on,
	// till the engine starts anew. It does no harm, and each sweep tries again.
	_ = again(ctx, 3, func() error {
		return removeAll(ctx, label, []string{"network", "ls", "-q"}, []string{"network", "rm"})
	})
	return nil
}

// again retries a function that fails, with pauses of 200 ms.
func again(ctx context.Context, tries int, work func() error) error {
	for {
		err := work()
		tries--
		if err == nil || tries == 0 || ctx.Err() != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func removeAll(ctx context.Context, label string, list, remove []string) error {
	ids, err := docker(ctx, append(list, "--filter", label)...)
	if err != nil || ids == "" {
		return err
	}
	_, err = docker(ctx, append(remove, strings.Fields(ids)...)...)
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
