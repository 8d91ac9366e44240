package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"mrsk/lab"
)

const deployYML = `service: shop
servers: [vm1, vm2, vm3]
proxy:
  host: shop.example.com
  healthcheck:
    interval: 1
env:
  clear:
    TERM_MODE: rude
stop_timeout: 5
`

// dockerfile makes an app whose page tells the version in the file.
const dockerfile = `FROM sample
COPY version /etc/app-version
`

const checkout = "/shop"

// shop is the app of the demo in the lab's deployer.
type shop struct{ lab *lab.Lab }

// create makes the checkout with its first version.
func (s shop) create(ctx context.Context) error {
	for name, content := range map[string]string{
		"config/deploy.yml": deployYML,
		"Dockerfile":        dockerfile,
		".gitignore":        "/.mrsk/logs/\n",
	} {
		if err := s.lab.Deployer.Write(ctx, checkout+"/"+name, 0o600, []byte(content)); err != nil {
			return err
		}
	}
	if _, err := s.lab.Deployer.Exec(ctx, "git", "init", "-q", checkout); err != nil {
		return err
	}
	return s.commit(ctx, "first")
}

// commit makes a version whose page says name.
func (s shop) commit(ctx context.Context, name string) error {
	if err := s.lab.Deployer.Write(ctx, checkout+"/version", 0o644, []byte(name+"\n")); err != nil {
		return err
	}
	_, err := s.lab.Deployer.Exec(ctx, "sh", "-c", "cd "+checkout+" && git add -A && git commit -qm "+name)
	return err
}

// mrsk runs the tool in the checkout, with its output on the screen.
func (s shop) mrsk(ctx context.Context, args ...string) error {
	cmd := s.lab.Deployer.Command(ctx, append([]string{"sh", "-c", "cd " + checkout + ` && exec mrsk "$@"`, "mrsk"}, args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
	return cmd.Run()
}

// underTraffic deploys while requests come in, and returns their book and how long the deploy took.
func (s shop) underTraffic(ctx context.Context) (lab.Report, time.Duration, error) {
	o := lab.TrafficOptions{
		Host: "shop.example.com", Rate: 120, Kept: 4, New: 4,
		Slow: 1, SlowFor: 3 * time.Second, Upload: 1, SlowBody: 3 * time.Second, For: 5 * time.Minute,
	}
	for _, h := range s.lab.Hosts {
		o.URLs = append(o.URLs, "http://"+h.Name+"/version")
	}
	traffic, err := s.lab.Traffic(ctx, o)
	if err != nil {
		return lab.Report{}, 0, err
	}
	start := time.Now()
	if err := s.mrsk(ctx, "deploy"); err != nil {
		report, _ := traffic.Stop()
		return report, 0, fmt.Errorf("second deploy: %w", err)
	}
	took := time.Since(start)
	report, err := traffic.Stop()
	return report, took, err
}
