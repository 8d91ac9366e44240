package lab

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// engineFlags let a Docker engine run in a container, also where --privileged
// fails because the machine itself lacks SYS_RESOURCE.
var engineFlags = []string{
	"--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE",
	"--security-opt", "seccomp=unconfined",
	"--security-opt", "apparmor=unconfined",
	"--security-opt", "systempaths=unconfined",
	"--device-cgroup-rule", "a *:* rwm",
	"--tmpfs", "/run", "-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw",
	"-v", "/var/lib/docker",
}

func (e Engine) flags() []string {
	return append([]string{"-e", "LAB_ENGINE=" + string(e)}, engineFlags...)
}

// Up brings a lab up and returns when all its parts answer: in a few seconds
// once the images are there. When it fails, nothing is left behind.
func Up(ctx context.Context, o Options) (*Lab, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	tools, err := buildTools(ctx)
	if err != nil {
		return nil, err
	}
	tags := tools.tags(o.Engine)
	if err := tools.makeImages(ctx, []Engine{o.Engine}, o.Log, o.unneeded(tags)); err != nil {
		return nil, err
	}
	if err := makeRoom(ctx, o); err != nil {
		return nil, err
	}
	start := time.Now()
	l := newLab(o.Name, o.hostNames())
	if err := again(ctx, 2, func() error { return l.tryUp(ctx, o, tags) }); err != nil {
		return nil, fmt.Errorf("bring up lab %s: %w", o.Name, err)
	}
	fmt.Fprintf(o.Log, "lab: %s with %d hosts is up after %s\n", l.Name, len(l.Hosts), time.Since(start).Round(10*time.Millisecond))
	return l, nil
}

// sweepTime is what a new lab spends on the removal of dead ones.
const sweepTime = time.Minute

// makeRoom removes abandoned labs, and fails if the name is taken.
func makeRoom(ctx context.Context, o Options) error {
	sweeping, cancel := context.WithTimeoutCause(ctx, sweepTime, errPatience)
	defer cancel()
	if err := Sweep(sweeping); err != nil {
		fmt.Fprintf(o.Log, "lab: %s\n", err) // no reason to do without this lab
	}
	infos, err := List(ctx)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if info.Name == o.Name {
			return fmt.Errorf("lab %s %w: remove it, or take another name", o.Name, errRunning)
		}
	}
	return nil
}

// tryUp tells of a failure at once: what the engine of a busy machine fails at works the next time,
// and should be known all the same.
func (l *Lab) tryUp(ctx context.Context, o Options, tags imageTags) error {
	err := l.bringUp(ctx, o, tags)
	if err == nil {
		return nil
	}
	fmt.Fprintf(o.Log, "lab: %s does not come up: %s\n", l.Name, err)
	return firstOf(err, l.Close())
}

func (l *Lab) bringUp(ctx context.Context, o Options, tags imageTags) error {
	labels := labels(o)
	if _, err := docker(ctx, append(append([]string{"network", "create"}, labels...), l.network())...); err != nil {
		return err
	}
	starter := starter{network: l.network(), image: tags.parts, labels: labels}
	works := []func() error{
		func() error { return l.startRegistry(ctx, o, starter, tags) },
		func() error { return l.startDeployer(ctx, o, starter.with(tags.deployer), tags) },
		func() error {
			return starter.start(ctx, l.Balancer, nil, balancerCommand(o.Balanced), "80")
		},
	}
	for i, h := range l.Hosts {
		flags := append([]string{"-e", "LAB_SHELL=" + o.shell(i)}, o.Engine.flags()...)
		works = append(works, func() error {
			if err := starter.with(tags.host).start(ctx, h, flags, []string{"host"}, "engine", "22"); err != nil {
				return err
			}
			return h.begin(ctx, o, tags.traefik, "traefik:"+traefikTag)
		})
	}
	if err := together(works...); err != nil {
		return err
	}
	return l.SetRTT(ctx, o.RTT)
}

func labels(o Options) []string {
	p := thisProcess()
	var flags []string
	for _, label := range [][2]string{
		{labelName, o.Name},
		{labelPID, strconv.Itoa(p.pid)},
		{labelBorn, p.born},
		{labelKeep, strconv.FormatBool(o.Keep)},
		{labelSize, strconv.Itoa(o.Hosts)},
	} {
		flags = append(flags, "--label", label[0]+"="+label[1])
	}
	return flags
}

func balancerCommand(hosts []string) []string {
	command := []string{"balancer"}
	for _, host := range hosts {
		command = append(command, "--to", host+":80")
	}
	return command
}

func (l *Lab) startDeployer(ctx context.Context, o Options, s starter, tags imageTags) error {
	if err := s.start(ctx, l.Deployer, o.Engine.deployer().flags(), []string{"deployer"}, "engine"); err != nil {
		return err
	}
	if err := l.Deployer.begin(ctx, o, tags.app, "sample"); err != nil {
		return err
	}
	if o.Binary == "" {
		return nil
	}
	return l.Deployer.Install(ctx, o.Binary)
}

// A starter starts the containers of one lab.
type starter struct {
	network string
	image   string
	labels  []string
}

// with returns a starter for containers of another image.
func (s starter) with(image string) starter {
	s.image = image
	return s
}

// start runs a part and waits till it answers: "engine", or a port.
func (s starter) start(ctx context.Context, h *Host, flags, command []string, answers ...string) error {
	if err := s.run(ctx, h, flags, command); err != nil {
		return err
	}
	return h.await(ctx, answers...)
}

func (s starter) run(ctx context.Context, h *Host, flags, command []string) error {
	args := []string{
		"run", "-d", "--init", "--name", h.container(), "--hostname", h.Name,
		"--label", labelPart + "=" + h.Name, "--stop-timeout", "1",
	}
	if s.network != "" {
		args = append(args, "--network", s.network, "--network-alias", h.Name)
	}
	args = append(args, s.labels...)
	args = append(args, flags...)
	args = append(args, s.image)
	_, err := docker(ctx, append(args, command...)...)
	return err
}

// await returns when the part answers, and tells its log when it does not.
func (h *Host) await(ctx context.Context, answers ...string) error {
	_, err := docker(ctx, append([]string{"exec", h.container(), "/lab/ready"}, answers...)...)
	if err == nil {
		return nil
	}
	log, _ := h.Logs(context.WithoutCancel(ctx))
	return fmt.Errorf("%s does not come up: %w%s", h.Name, err, tail(log))
}

// Logs returns what the part's container has written: sshd, Docker engine,
// registry or balancer. sshd tells each connection and each command's start.
func (h *Host) Logs(ctx context.Context) (string, error) {
	cmd := dockerCommand(ctx, "logs", h.container())
	var both strings.Builder
	cmd.Stdout, cmd.Stderr = &both, &both
	err := cmd.Run()
	return both.String(), err
}
