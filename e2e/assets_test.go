//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// asset makes a version with assets of its own, dotfiles among them.
func (p *project) asset(name string) string {
	p.sh("cd " + p.dir + " && rm -rf assets && mkdir -p assets/versions")
	p.write("assets/versions/"+name, name)
	p.write("assets/versions/.hidden-"+name, name)
	p.write("assets/manifest", name)
	return p.commit(name)
}

// assets are the files with their content in the running container of a version, as "name=content".
func assets(t *testing.T, vm, version string) string {
	t.Helper()
	const list = `cd /assets && for f in manifest versions/* versions/.h*; do echo "$f=$(cat $f)"; done`
	id := onHost(t, shared.Host(vm), "docker ps -q --filter label=mrsk.version="+version)
	return strings.Join(strings.Fields(onHost(t, shared.Host(vm), fmt.Sprintf("docker exec %s sh -c '%s'", id, list))), " ")
}

// The new container has the assets of the version before, and until it stops the old container has
// those of the new one; each has its own manifest.
func TestAssets_of_two_versions_meet(t *testing.T) {
	fresh(t)
	const look = ".mrsk/hooks/pre-app-boot"
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("assets", "asset_path: /assets:ro", "servers:\n  web:\n    hosts: [vm1, vm2]\n  workers:\n    hosts: [vm3]\n    cmd: sleep infinity", "boot:\n  limit: 1"),
		"Dockerfile":        dockerfile + "COPY assets /assets\n",
	})
	first := p.asset("one")
	p.must("deploy")
	if got, want := assets(t, "vm1", first), "manifest=one versions/one=one versions/.hidden-one=one"; got != want {
		t.Errorf("the first version has %s, want %s", got, want)
	}
	if out := onHost(t, shared.Host("vm1"), "docker exec $(docker ps -q --filter label=role=web) touch /assets/x 2>&1 || true"); !strings.Contains(out, "Read-only") {
		t.Errorf("the assets can be written: %s", out)
	}

	// Before the first batch serves, the hosts of the last one have the new assets.
	p.write(look, "#!/bin/sh\n[ -e /tmp/looked ] || touch /tmp/inside\n[ \"$MRSK_HOSTS\" != vm1 ] || while [ ! -e /tmp/looked ]; do sleep 0.1; done\n")
	p.sh("rm -f /tmp/inside /tmp/looked")
	second := p.asset("two")
	done := make(chan result, 1)
	go func() { done <- p.mrsk("redeploy") }()
	awaitFile(t, "/tmp/inside")
	const both = "versions/one=one versions/two=two versions/.hidden-one=one versions/.hidden-two=two"
	if got := assets(t, "vm2", first); got != "manifest=one "+both {
		t.Errorf("the old container has %s", got)
	}
	p.sh("touch /tmp/looked")
	if r := <-done; r.code != 0 {
		t.Fatalf("redeploy: exit %d", r.code)
	}
	for _, vm := range []string{"vm1", "vm2"} {
		if got := assets(t, vm, second); got != "manifest=two "+both {
			t.Errorf("%s: the new container has %s", vm, got)
		}
	}
	if v := onHost(t, shared.Host("vm3"), "docker volume ls -q --filter name=mrsk-assets"); v != "" {
		t.Errorf("a role without a proxy has the volumes %s", v)
	}

	p.sh("rm " + p.dir + "/" + look)
	assetsOutlive(t, p, first, second)
	p.must("app", "remove")
	if n := volumes(t, "vm1"); n != 0 {
		t.Errorf("after app remove there are %d volumes", n)
	}
}

// assetsOutlive fails the test unless a deploy that fails leaves the assets of the old container as
// they were, and a rollback brings those of both versions.
func assetsOutlive(t *testing.T, p *project, first, second string) {
	t.Helper()
	p.write("config/deploy.yml", config("assets", "asset_path: /assets:ro", "servers:\n  web:\n    hosts: [vm1, vm2]", "deploy_timeout: 4", withEnv("UNHEALTHY_FOR: forever")))
	p.asset("three")
	p.fails(1, []string{"did not become healthy"}, "deploy")
	if got := assets(t, "vm1", second); !strings.HasPrefix(got, "manifest=two ") || !strings.Contains(got, "versions/one=one") {
		t.Errorf("after the failure it has %s", got)
	}
	if n := volumes(t, "vm1"); n != 2 {
		t.Errorf("after the failure there are %d volumes, want those of two containers", n)
	}

	p.write("config/deploy.yml", config("assets", "asset_path: /nothing", "servers:\n  web:\n    hosts: [vm1, vm2]"))
	p.fails(1, []string{"the image has no files in /nothing"}, "deploy")
	p.write("config/deploy.yml", config("assets", "asset_path: /assets:ro", "servers:\n  web:\n    hosts: [vm1, vm2]", "retain_containers: 1"))
	p.must("rollback", first)
	if got := assets(t, "vm1", first); got != "manifest=one versions/one=one versions/two=two versions/.hidden-one=one versions/.hidden-two=two" {
		t.Errorf("the rollback has %s", got)
	}
	if n := volumes(t, "vm1"); n != 2 {
		t.Errorf("after the rollback there are %d volumes, want those of two containers", n)
	}
}

func volumes(t *testing.T, vm string) int {
	t.Helper()
	return len(strings.Fields(onHost(t, shared.Host(vm), "docker volume ls -q --filter name=mrsk-assets")))
}
