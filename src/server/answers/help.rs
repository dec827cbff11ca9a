//! Signature help and document links in the protocol's types.
use tower_lsp::gen_lsp_types::{
    ActiveParameter, DocumentLink, Documentation, ParameterInformation, ParameterInformationLabel, Position,
    SignatureHelp, SignatureHelpContext, SignatureHelpTriggerKind, SignatureInformation, Uri,
};

use crate::ide::links::{self, Link, Target};
use crate::ide::signature::{Parameter, Signature, signature};
use crate::server::convert::View;
use crate::server::uri::uri_of;

impl View<'_> {
    /// `textDocument/signatureHelp`; a key that is typed while no help is shown asks less urgently than a person.
    pub fn signature_help(&self, position: Position, context: Option<&SignatureHelpContext>) -> Option<SignatureHelp> {
        let asked = context.is_none_or(|context| context.trigger_kind == SignatureHelpTriggerKind::Invoked);
        let help = signature(self.document.snapshot(), self.offset(position), asked)?;
        let active = help.signatures.get(help.active).and_then(|signature| signature.active);
        Some(SignatureHelp {
            signatures: help.signatures.iter().map(|signature| self.signature(signature)).collect(),
            active_signature: Some(help.active as u32),
            active_parameter: self.active_parameter(active),
        })
    }

    /// Without a word on it the first part is taken for the active one, so that only some editors can be told of none.
    fn active_parameter(&self, active: Option<usize>) -> Option<ActiveParameter> {
        let none = self.editor.signature.none.then_some(ActiveParameter::Null);
        active.map(|active| ActiveParameter::Int(active as u32)).or(none)
    }

    fn signature(&self, signature: &Signature) -> SignatureInformation {
        let parameter = |parameter: &Parameter| ParameterInformation {
            label: self.label(&signature.label, parameter),
            documentation: self.documentation(&parameter.documentation),
        };
        let active = self.editor.signature.active.then(|| self.active_parameter(signature.active)).flatten();
        SignatureInformation {
            label: signature.label.clone(),
            documentation: self.documentation(&signature.documentation),
            parameters: Some(signature.parameters.iter().map(parameter).collect()),
            active_parameter: active,
        }
    }

    /// Offsets count units of UTF-16, whatever the encoding of positions.
    fn label(&self, label: &str, parameter: &Parameter) -> ParameterInformationLabel {
        let range = parameter.span.range();
        if !self.editor.signature.offsets {
            return ParameterInformationLabel::String(label[range].to_owned());
        }
        let units = |end: usize| label[..end].encode_utf16().count() as u32;
        ParameterInformationLabel::Tuple((units(range.start), units(range.end)))
    }

    fn documentation(&self, text: &str) -> Option<Documentation> {
        let content = super::markup(self.editor.signature.markdown, text.to_owned());
        (!text.is_empty()).then_some(Documentation::MarkupContent(content))
    }

    /// `textDocument/documentLink`
    pub fn document_links(&self) -> Vec<DocumentLink> {
        links::links(self.document.snapshot()).into_iter().filter_map(|link| self.link(link)).collect()
    }

    fn link(&self, link: Link) -> Option<DocumentLink> {
        let target = match link.target {
            Target::Page(address) => Uri(address),
            Target::File(path) => uri_of(&path)?,
        };
        let tooltip = self.editor.link_tooltips.then_some(link.tooltip);
        Some(DocumentLink { range: self.range(link.span), target: Some(target), tooltip, data: None })
    }
}
