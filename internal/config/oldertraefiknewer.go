package config

import (
	"fmt"
	"strings"
)

// newerTraefik returns what to write instead of the section.
func (d *draft) newerTraefik(t *olderTraefik) string {
	var proxy flow
	if d.health.absent() {
		proxy.add("app_port", olderPort)
		if d.proxy.absent() {
			proxy.add("response_timeout", 0)
		}
	}
	switch {
	case d.proxy.Get("forward_headers") != nil:
	case len(t.trusted()) > 0:
		proxy.add("forward_headers", fmt.Sprintf("[%s]", strings.Join(t.trusted(), ", ")))
	default:
		proxy.add("forward_headers", t.forwards())
	}
	if run := t.newerRun(); len(run) > 0 {
		proxy.add("run", run)
	}
	return fmt.Sprintf("write proxy: %v", proxy) + d.besideLabels()
}

// newerRun returns what to write in proxy/run.
func (t *olderTraefik) newerRun() flow {
	var run flow
	usual := defaultProxyRun()
	if t.run.Image != usual.Image {
		run.add("image", t.run.Image)
	}
	if t.run.HTTPPort != usual.HTTPPort {
		run.add("http_port", t.run.HTTPPort)
	}
	if len(t.run.BindIPs) > 0 {
		run.add("bind_ips", fmt.Sprintf("[%s]", strings.Join(t.run.BindIPs, ", ")))
	}
	if !t.run.Publish {
		run.add("publish", false)
	}
	if len(t.run.Options) > 0 {
		run.add("options", "…")
	}
	var args flow
	for _, a := range t.run.Args {
		args.add(a.Name, "…")
	}
	if len(args) > 0 {
		run.add("args", args)
	}
	if acme := t.newerACME(); len(acme) > 0 {
		run.add("acme", acme)
	}
	return run
}

func (t *olderTraefik) newerACME() flow {
	var acme flow
	switch t.run.ACME.Challenge {
	case DNSChallenge:
		acme.add("dns", t.run.ACME.Provider)
	case TLSChallenge:
		acme.add("challenge", TLSChallenge)
	}
	var names []string
	for _, s := range t.run.ACME.Env.Secret {
		names = append(names, s.Name)
	}
	if len(names) > 0 {
		acme.add("env", fmt.Sprintf("{secret: [%s]}", strings.Join(names, ", ")))
	}
	return acme
}
