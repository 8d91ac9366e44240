package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/traefik"
)

const (
	// certificateWait is how long a deploy waits for a certificate that has been asked for.
	certificateWait = 60 * time.Second
	certificatePoll = time.Second
)

// NoCertificateError is a host that has not got a certificate by ACME.
type NoCertificateError struct {
	Host  string
	Names []string
}

func (e *NoCertificateError) Error() string {
	return fmt.Sprintf("%s has no certificate for %s yet", e.Host, strings.Join(e.Names, ", "))
}

// Hint says what to look at, and what makes the proxy ask again: it does not by itself.
func (e *NoCertificateError) Hint() string {
	return "see that the names lead to the hosts, and what mrsk proxy logs --hosts " + e.Host + " says of ACME; the next deploy asks for it again, or mrsk proxy restart"
}

// ShareCertificates brings the certificates that the first hosts of roles got by ACME to the other
// hosts of the run, under the lease.
func (r *Run) ShareCertificates(ctx context.Context) error {
	hosts := r.Scope.ProxyHosts()
	return r.WithLease(ctx, hosts, func(ctx context.Context) error {
		return r.shareCertificates(ctx, 0)
	})
}

// shareAfter is ShareCertificates after a change that has come to its end, which this can no
// longer fail: what goes wrong is a warning.
func (r *Run) shareAfter(ctx context.Context, wait time.Duration) {
	if err := r.shareCertificates(ctx, wait); err != nil {
		text := err.Error()
		var hinted interface{ Hint() string }
		if errors.As(err, &hinted) && hinted.Hint() != "" {
			text += "; " + hinted.Hint()
		}
		r.Sink(event.Warning{Text: text})
	}
}

// shareCertificates waits for certificates that are not there yet, as long as wait.
func (r *Run) shareCertificates(ctx context.Context, wait time.Duration) error {
	issued := map[string][]traefik.Certificate{}
	var errs []error
	for _, share := range deploy.Shares(r.Scope) {
		certificates, err := r.awaitIssued(ctx, share, wait)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		issued[share.Role] = certificates
	}
	if len(issued) > 0 {
		errs = append(errs, r.bring(ctx, issued))
	}
	return errors.Join(errs...)
}

func (r *Run) bring(ctx context.Context, issued map[string][]traefik.Certificate) error {
	seen, err := r.Observe(ctx, r.Scope.ProxyHosts())
	if err != nil {
		return err
	}
	p := deploy.ShareCertificates(deploy.State{Scope: r.Scope, Facts: seen}, issued)
	if p.Empty() {
		return nil
	}
	r.Sink(event.Section{Text: "Bring certificates to the hosts that do not get them themselves"})
	return r.walker().Walk(ctx, p)
}

// awaitIssued returns the certificates of a role once its issuer has them all.
func (r *Run) awaitIssued(ctx context.Context, share deploy.Share, wait time.Duration) ([]traefik.Certificate, error) {
	if !slices.Contains(r.Scope.AppHosts(), share.Issuer) {
		return nil, fmt.Errorf("the certificate of role %s comes from %s, which this run leaves out", share.Role, share.Issuer)
	}
	until := time.Now().Add(wait)
	for told := false; ; told = true {
		all, err := r.issuedOn(ctx, share.Issuer, true)
		if err != nil {
			return nil, err
		}
		picked, missing := traefik.Covering(all, share.Names)
		if len(missing) == 0 {
			return picked, nil
		}
		if !time.Now().Before(until) {
			return nil, &NoCertificateError{Host: share.Issuer, Names: missing}
		}
		if !told {
			r.Sink(event.Note{Host: share.Issuer, Text: "Waiting for the certificate for " + strings.Join(missing, ", ")})
		}
		if err := pause(ctx, certificatePoll); err != nil {
			return nil, err
		}
	}
}

// Issued are the certificates that a host's proxy has got by ACME, for all apps there.
func (r *Run) Issued(ctx context.Context, host string) ([]traefik.Certificate, error) {
	return r.issuedOn(ctx, host, false)
}

func (r *Run) issuedOn(ctx context.Context, host string, keys bool) ([]traefik.Certificate, error) {
	look := traefik.SeeIssued(r.Scope.Project.ProxyRunOn(host).ACME, keys)
	results, err := r.Ask(ctx, []string{host}, look)
	if err != nil {
		return nil, err
	}
	return traefik.ReadIssued(results[host].Get(look.Name).Stdout)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
